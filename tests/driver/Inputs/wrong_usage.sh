# wrong_usage.sh POLEC TEXT ARGUMENT...: the call is wrong usage, and says TEXT and nothing on standard output
polec=$1 text=$2
shift 2
told=$("$polec" "$@" 2>&1 >/dev/null)
status=$?
[ $status -eq 2 ] || { echo "exit status $status: polec $*"; exit 1; }
case $told in
    *"$text"*) ;;
    *) echo "polec $* says: $told"; exit 1 ;;
esac
[ -z "$("$polec" "$@" 2>/dev/null)" ]
