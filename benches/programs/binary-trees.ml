(* Binary trees: many small values that live for different times. *)

type tree = Leaf | Node of tree * tree

let rec make depth = if depth = 0 then Node (Leaf, Leaf) else Node (make (depth - 1), make (depth - 1))
let rec nodes = function Leaf -> 0 | Node (l, r) -> 1 + nodes l + nodes r
let rec power n = if n = 0 then 1 else 2 * power (n - 1)
let rec many times depth sum = if times = 0 then sum else many (times - 1) depth (sum + nodes (make depth))

let rec rows depth deepest =
  if depth <= deepest then begin
    let times = power (deepest - depth + 4) in
    Printf.printf "%6d trees of depth %2d, %d nodes\n" times depth (many times depth 0);
    rows (depth + 4) deepest
  end

let () =
  let deepest = 16 in
  Printf.printf "one tree of depth %d, %d nodes\n" (deepest + 1) (nodes (make (deepest + 1)));
  let long_lived = make deepest in
  rows 4 deepest;
  Printf.printf "the tree that lived on has %d nodes\n" (nodes long_lived)
