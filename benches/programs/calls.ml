(* Calls and nothing else: the functions of Ackermann, Takeuchi and Fibonacci. *)

let rec ackermann m n =
  if m = 0 then n + 1 else if n = 0 then ackermann (m - 1) 1 else ackermann (m - 1) (ackermann m (n - 1))

let rec tak (x : int) y z = if y >= x then z else tak (tak (x - 1) y z) (tak (y - 1) z x) (tak (z - 1) x y)
let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)
let () = Printf.printf "%d %d %d\n" (ackermann 3 10) (tak 24 16 8) (fib 38)
