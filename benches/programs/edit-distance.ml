(* How many changes make one text from another: a table, of which only the last row is kept. *)

let text n seed =
  let seed = ref seed in
  Array.init n (fun _ ->
      let letter = !seed / 65536 mod 4 in
      seed := ((!seed * 1103515245) + 12345) mod 2147483648;
      letter)

let least (a : int) b = if a < b then a else b

let row (x : int) (b : int array) (above : int array) first =
  let done_ = Array.make (Array.length b + 1) first in
  let rec go j left =
    if j < Array.length b then (
      let change = above.(j) + if x = b.(j) then 0 else 1 in
      let here = least change (least left above.(j + 1) + 1) in
      done_.(j + 1) <- here;
      go (j + 1) here)
  in
  go 0 first;
  done_

let rec table (a : int array) b i above =
  if i = Array.length a then above.(Array.length b) else table a b (i + 1) (row a.(i) b above (i + 1))

let () =
  let a = text 5000 1 and b = text 4000 2 in
  Printf.printf "%d\n" (table a b 0 (Array.init (Array.length b + 1) (fun j -> j)))
