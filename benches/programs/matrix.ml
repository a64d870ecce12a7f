(* The product of two square matrices, which are arrays of rows; the second is transposed first. *)

let matrix n seed = Array.init n (fun i -> Array.init n (fun j -> float_of_int ((((i * 17) + (j * seed)) mod 101) - 50)))
let transpose (m : float array array) = Array.init (Array.length m) (fun j -> Array.init (Array.length m) (fun i -> m.(i).(j)))

let rec dot (a : float array) (b : float array) k sum =
  if k = Array.length a then sum else dot a b (k + 1) (sum +. (a.(k) *. b.(k)))

let product a columns = Array.map (fun row -> Array.map (fun column -> dot row column 0 0.0) columns) a

let () =
  let c = product (matrix 500 31) (transpose (matrix 500 57)) in
  let sum = ref 0.0 in
  Array.iteri (fun i row -> sum := !sum +. row.(i)) c;
  Printf.printf "%.1f\n" !sum
