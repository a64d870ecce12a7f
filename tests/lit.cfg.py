# How lit finds and runs the tests of the phases.  Started by meson (meson.build), which sets the environment.
import os
import shutil

import lit.formats

config.name = 'polec'
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = ['.pole-ir', '.test']
config.excludes = ['Inputs', 'unit']    # Inputs/: files that tests read
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.environ['POLEC_TEST_OUTPUT']

config.substitutions += [
    ('%polec', os.environ['POLEC']),
    ('%examples', os.path.join(config.test_source_root, '..', 'examples')),
]

# FileCheck, not, count and split-file are off PATH on Debian.
config.environment['PATH'] = os.environ['LLVM_BIN'] + os.pathsep + os.environ['PATH']
for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'GCOV_ERROR_FILE'):
    config.environment[name] = os.environ.get(name, '')
if shutil.which('gdb'):
    config.available_features.add('gdb')
if os.environ['POLEC_SANITIZED'] == 'true':
    config.available_features.add('sanitized')
