(* Twelve queens on a board: those that stand are a list, the next one goes in front; every way of standing is counted. *)

let rec safe (row : int) distance placed =
  match placed with
  | [] -> true
  | other :: rest -> other <> row && other <> row + distance && other <> row - distance && safe row (distance + 1) rest

let rec place n column row placed found =
  if row = n then found
  else
    let found = if safe row 1 placed then solve n column (row :: placed) found else found in
    place n column (row + 1) placed found

and solve n column placed found = if column = 0 then found + 1 else place n (column - 1) 0 placed found

let () = Printf.printf "%d\n" (solve 12 12 [] 0)
