# nest.sh POLEC DEEPEST FILE OPENER MIDDLE CLOSER [BEFORE AFTER]: in the body of a function, DEEPEST levels are accepted,
# and of 200,000 levels one error comes, with the error in the function behind it.
polec=$1 deepest=$2 file=$3 opener=$4 middle=$5 closer=$6 before=$7 after=$8
here=$(dirname "$0")

nest() {
    python3 "$here/repeat.py" "$1" "func f() -> Int : $before" "$opener" "$middle" "$closer" "$after
func g() -> Int : +" > "$file"
    "$polec" --emit=ast "$file" 2>&1 | grep -o 'error.*'
}

expect() {
    if [ "$1" != "$2" ]; then
        printf 'expected:\n%s\nfound:\n%s\n' "$2" "$1"
        exit 1
    fi
}

after_it="error[E010]: expected an expression, found '+'"
too_deep="error[E014]: nested too deeply"
expect "$(nest "$deepest")" "$after_it"
expect "$(nest 200000)" "$too_deep
$after_it"
