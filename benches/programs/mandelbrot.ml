(* The Mandelbrot set: how many rounds every point of a picture takes to leave the circle, summed up. *)

let rec rounds cx cy x y i =
  let xx = x *. x and yy = y *. y in
  if i = 200 || xx +. yy > 4.0 then i else rounds cx cy (xx -. yy +. cx) ((2.0 *. x *. y) +. cy) (i + 1)

let rec row size px cy sum =
  if px = size then sum
  else
    let cx = (3.0 *. float_of_int px /. float_of_int size) -. 2.0 in
    row size (px + 1) cy (sum + rounds cx cy 0.0 0.0 0)

let rec picture size py sum =
  if py = size then sum
  else
    let cy = (2.0 *. float_of_int py /. float_of_int size) -. 1.0 in
    picture size (py + 1) (row size 0 cy sum)

let () = Printf.printf "%d\n" (picture 800 0 0)
