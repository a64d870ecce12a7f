#!/bin/sh
# stops.sh POLEC FILE [OPTION...]: the program stops with status 101 and the message behind "// STOPS: ", however it is run.
polec=$1 file=$2
shift 2
want="$(basename "$file"):$(sed -n 's|^// STOPS: ||p' "$file")"
cd "$(dirname "$file")" || exit 1
file=$(basename "$file")

expect() {
    how=$1 status=$2 got=$(cat stderr)
    if [ "$status" != 101 ] || [ "$got" != "$want" ]; then
        echo "$file, $how: status $status, '$got' instead of '$want'" >&2
        exit 1
    fi
}

"$polec" run "$@" "$file" 2>stderr >stdout
expect run $?
for level in 0 2; do
    "$polec" -O$level "$@" "$file" -o program || exit 1
    ./program 2>stderr >stdout
    expect -O$level $?
done
