#!/bin/sh
# Writes a program of some 700 functions that call each other.
echo 'extern printf: (String, ...) -> Int;'
echo 'type P = { x: Int, s: String }'
echo 'func f0(n: Int) -> P : { x = n, s = "end" }'
i=1
while [ $i -le 700 ]; do
    echo "func f$i(n: Int) -> P : if n % 7 == $((i % 7)) then { x = n, s = \"s$i\" } else f$((i - 1))(n + $((i % 3)))"
    i=$((i + 1))
done
cat <<'END'
func main() -> Int : let p = f700(1) in let q = f696(3) in (printf("%ld %s %ld %s\n", p.x, p.s, q.x, q.s); 7)
END
