(* Fannkuch: how many flips of a pile of pancakes, for every order of the pile.  Every flip makes a new short array. *)

type found = { most : int; checksum : int; even : bool }

(* The first n elements in reverse, and the rest as it was. *)
let flip n (pile : int array) =
  let done_ = Array.make (Array.length pile) 0 in
  for i = 0 to n - 1 do done_.(i) <- pile.(n - 1 - i) done;
  for i = n to Array.length pile - 1 do done_.(i) <- pile.(i) done;
  done_

let rec flips (pile : int array) done_ =
  let n = pile.(0) in
  if n = 1 then done_ else flips (flip n pile) (done_ + 1)

(* The first n elements, moved around by one. *)
let rotate n (pile : int array) =
  let done_ = Array.make (Array.length pile) 0 in
  for i = 1 to n - 1 do done_.(i - 1) <- pile.(i) done;
  done_.(n - 1) <- pile.(0);
  for i = n to Array.length pile - 1 do done_.(i) <- pile.(i) done;
  done_

let look pile found =
  let n = flips pile 0 in
  {
    most = (if n > found.most then n else found.most);
    checksum = (if found.even then found.checksum + n else found.checksum - n);
    even = not found.even;
  }

(* All orders of the first n, in the order that the checksum asks for. *)
let rec permute n turns pile found =
  if n = 1 then look pile found
  else
    let found = permute (n - 1) (n - 1) pile found in
    if turns = 1 then found else permute n (turns - 1) (rotate n pile) found

let () =
  let n = 9 in
  let found = permute n n (Array.init n (fun i -> i + 1)) { most = 0; checksum = 0; even = true } in
  Printf.printf "%d\nPfannkuchen(%d) = %d\n" found.checksum n found.most
