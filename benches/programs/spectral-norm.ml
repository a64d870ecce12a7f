(* The spectral norm of an endless matrix, by the power method.  Every product makes a new array. *)

let a i j = 1.0 /. float_of_int (((i + j) * (i + j + 1) / 2) + i + 1)
let a_transposed i j = a j i

let rec row cell (v : float array) i j sum =
  if j = Array.length v then sum else row cell v i (j + 1) (sum +. (cell i j *. v.(j)))

let multiply cell v = Array.init (Array.length v) (fun i -> row cell v i 0 0.0)
let step v = multiply a_transposed (multiply a v)

let rec dot (u : float array) (v : float array) i sum =
  if i = Array.length u then sum else dot u v (i + 1) (sum +. (u.(i) *. v.(i)))

(* So many steps from a vector of ones, then the ratio of the last two. *)
let rec norm u steps =
  let v = step u in
  if steps = 1 then sqrt (dot u v 0 0.0 /. dot u u 0 0.0) else norm v (steps - 1)

let () = Printf.printf "%.9f\n" (norm (Array.make 2000 1.0) 10)
