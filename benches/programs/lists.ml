(* Long lists: numbers are made, filtered, mapped, sorted by merging and summed up, again and again.
   The lists are OCaml's own, which are linked: what is collected in front is reversed in the end. *)

let rec numbers n seed collected =
  if n = 0 then List.rev collected
  else numbers (n - 1) (((seed * 1103515245) + 12345) mod 2147483648) ((seed / 8) :: collected)

let rec map xs f collected = match xs with [] -> List.rev collected | x :: rest -> map rest f (f x :: collected)

let rec filter xs keep collected =
  match xs with [] -> List.rev collected | x :: rest -> filter rest keep (if keep x then x :: collected else collected)

let rec fold xs f sum = match xs with [] -> sum | x :: rest -> fold rest f (f sum x)

let rec merge (xs : int list) (ys : int list) collected =
  match (xs, ys) with
  | [], _ -> List.rev_append collected ys
  | _, [] -> List.rev_append collected xs
  | x :: more_xs, y :: more_ys ->
      if y < x then merge xs more_ys (y :: collected) else merge more_xs ys (x :: collected)

(* The first n elements and the others. *)
let rec split xs n collected =
  match xs with
  | [] -> (List.rev collected, xs)
  | x :: rest -> if n > 0 then split rest (n - 1) (x :: collected) else (List.rev collected, xs)

let rec sort xs =
  match xs with
  | [] | [ _ ] -> xs
  | _ ->
      let left, right = split xs (List.length xs / 2) [] in
      merge (sort left) (sort right) []

let rec round i sum =
  if i = 0 then sum
  else
    let some = filter (numbers 100000 i []) (fun x -> x mod 3 <> 0) [] in
    let more = map some (fun x -> (x mod 1000000) + i) [] in
    round (i - 1) ((fold (sort more) (fun s x -> (s * 31 mod 1000003) + x) 0 + sum) mod 1000000007)

let () = Printf.printf "%d\n" (round 30 0)
