#!/bin/sh
# Everything: installs what is missing, builds a release and a sanitized debug version, tests both; and what runs on several
# threads under ThreadSanitizer.
set -eu
cd "$(dirname "$0")/.."

sh .ci/packages build test

configure() {
    directory=$1
    shift
    if [ -f "$directory/build.ninja" ]; then
        meson configure "$directory" "$@"
    else
        meson setup "$directory" "$@"
    fi
}
configure build -Dbuildtype=release -Db_sanitize=none -Dwerror=true
configure build/debug -Dbuildtype=debug -Db_sanitize=address,undefined -Dwerror=true
# Some optimisation, or its bookkeeping takes minutes; the heap is left to it.
configure build/threads -Dbuildtype=plain -Doptimization=1 -Ddebug=true -Db_sanitize=thread -Dheap_meter=false -Db_lundef=false -Dwerror=true

for directory in build build/debug; do
    ninja -C "$directory"
    meson test -C "$directory" --no-rebuild --print-errorlogs --timeout-multiplier 3 || true # count.py tells; a busy machine is slow
done
ninja -C build/threads tests/threads/threads polec
meson test -C build/threads --no-rebuild --print-errorlogs threads || true
python3 tests/count.py build/meson-logs/testlog.json build/debug/meson-logs/testlog.json build/threads/meson-logs/testlog.json
