#!/usr/bin/env python3
"""Runs library.js with the client library that editors use (MIT), which comes from npm; skipped where there is none.

  library.py POLEC CACHE_DIRECTORY
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from npm import install_or_skip # noqa: E402

PACKAGES = {
    'vscode-jsonrpc@8.2.0': '0beaf478a25421f88321fc0986b89adf4f936163edb872571ed23b2746253a6280a3ba20c4fdb44f4cf107b1d9408161232be804fc16b248f1aef02d7e3c997c',
    'vscode-languageserver-protocol@3.17.5': '99bd5bbd124df125739c00d219633dbbf6f4ec7ec4720d08dce8170ee2dd9f7d3bae5fc9dc0f580fafde60eb2caa179c2f6ee12b520f640b1aaa1d348bf2658e',
    'vscode-languageserver-types@3.17.5': '2ddd557a536e5fda5d177f61d8781a79be611193366778d4aeb32059002ef368ccb59a7ba77bc94f70734e82ad648ecd810b2c6637b9a34cebc8eae142fcd002',
}
polec, cache = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
install_or_skip(PACKAGES, cache)
with tempfile.TemporaryDirectory() as folder:
    sys.exit(subprocess.run(['node', pathlib.Path(__file__).resolve().parent / 'library.js', polec, folder],
                            env={**os.environ, 'NODE_PATH': str(cache / 'node_modules')}).returncode)
