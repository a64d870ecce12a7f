# overflows.sh POLEC FOLDER HOW: the programs of stack_overflow.test, `in_memory` or as executables.  A small stack is soon full.
polec=$1 how=$3
cd "$2" || exit 1
ulimit -c 0
ulimit -s 1024

expect() {
    program=$1 want_status=$2 want_out=$3 want_err=$4
    if [ "$how" = in_memory ]; then
        "$polec" run "$program.pole-ir" >out 2>err
        status=$?
    else
        "$polec" "$program.pole-ir" -o "$program" || exit 1
        "./$program" >out 2>err
        status=$?
    fi
    if [ "$status $(head -n 1 out) $(cat err)" != "$want_status $want_out $want_err" ]; then
        echo "$program, $how: status $status, '$(head -n 1 out)', '$(cat err)'"
        exit 1
    fi
}

overflow='runtime error: stack overflow'
expect plain 101 before "$overflow"
expect printing 101 1 "$overflow"
lines=$(wc -l <out)    # whole ones: the stack may end within printf, and cut the last
[ "$lines" -gt 1000 ] && [ "$lines" = "$(sed -n "${lines}p" out)" ] || { echo 'a line is missing'; exit 1; }
expect allocating 101 before "$overflow"
expect own_handler 11 '' ''
expect pointer 139 '' ''    # 128 and the signal's number
expect sent 139 '' ''
