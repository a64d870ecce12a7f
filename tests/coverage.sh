#!/bin/sh
# Which lines and branches of compiler/ the tests run: coverage.sh [meson tests ...]; README.md.
# With names of tests: their counts are added to those of the last time, as long as what is compiled is the same.
set -eu
cd "$(dirname "$0")/.."

sh .ci/packages build test coverage

build=build/coverage
[ -f "$build/build.ninja" ] || meson setup "$build" -Dbuildtype=debug -Db_coverage=true -Dwerror=true
[ $# -gt 0 ] || find "$build" -name '*.gcda' -delete
ninja -C "$build"

# Left out: whatever runs no code of this build, or takes minutes in it and runs nothing that the others do not.
slow='build-tools course deep-input fail-each leaks malloc-witness many-files mistakes page-in-browser prototypes shrink-limit tree-sitter'
if [ $# -eq 0 ]; then
    for test in $(meson test -C "$build" --list 2>/dev/null | sed -n 's/.* \/ //p'); do
        case " $slow " in
            *" $test "*) ;;
            *) set -- "$@" "$test" ;;
        esac
    done
fi
# Outcomes do not count here: exact figures differ in this build, and all.sh judges them.
GCOV_ERROR_FILE=/dev/null meson test -C "$build" --no-rebuild -t 5 "$@" || true
exec python3 tests/coverage/report.py "$build"
