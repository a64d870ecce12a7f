(* Five bodies under gravity.  Records of records are new values at every step. *)

type vector = { x : float; y : float; z : float }
type body = { place : vector; speed : vector; mass : float }
type system = { sun : body; jupiter : body; saturn : body; uranus : body; neptune : body }

let vector x y z = { x; y; z }
let add a b = vector (a.x +. b.x) (a.y +. b.y) (a.z +. b.z)
let subtract a b = vector (a.x -. b.x) (a.y -. b.y) (a.z -. b.z)
let scale a k = vector (a.x *. k) (a.y *. k) (a.z *. k)
let dot a b = (a.x *. b.x) +. (a.y *. b.y) +. (a.z *. b.z)

let planet place daily mass = { place; speed = scale daily 365.24; mass = mass *. 39.47841760435743 }

let start =
  {
    sun = planet (vector 0.0 0.0 0.0) (vector 0.0 0.0 0.0) 1.0;
    jupiter = planet (vector 4.84143144246472090 (-1.16032004402742839) (-0.103622044471123109))
      (vector 0.00166007664274403694 0.00769901118419740425 (-0.0000690460016972063023)) 0.000954791938424326609;
    saturn = planet (vector 8.34336671824457987 4.12479856412430479 (-0.403523417114321381))
      (vector (-0.00276742510726411) 0.00499852801234917238 0.0000230417297573763929) 0.000285885980666130812;
    uranus = planet (vector 12.8943695621391310 (-15.1111514016986312) (-0.223307578892655734))
      (vector 0.00296460137564761618 0.00237847173959480950 (-0.0000296589568540237556)) 0.0000436624404335156298;
    neptune = planet (vector 15.3796971148509165 (-25.9193146099879641) 0.179258772950371181)
      (vector 0.00268067772490389322 0.00162824170038242295 (-0.0000951592254519715870)) 0.0000515138902046611451;
  }

(* The sun moves against all others, so that the whole stays where it is. *)
let balance s =
  let p = add (add (scale s.jupiter.speed s.jupiter.mass) (scale s.saturn.speed s.saturn.mass))
    (add (scale s.uranus.speed s.uranus.mass) (scale s.neptune.speed s.neptune.mass)) in
  { s with sun = { s.sun with speed = scale p (-1.0 /. s.sun.mass) } }

let attract a b dt =
  let d = subtract a.place b.place in
  let squared = dot d d in
  let k = dt /. (squared *. sqrt squared) in
  ({ a with speed = subtract a.speed (scale d (b.mass *. k)) }, { b with speed = add b.speed (scale d (a.mass *. k)) })

let move b dt = { b with place = add b.place (scale b.speed dt) }

let advance s dt =
  let sun, jupiter = attract s.sun s.jupiter dt in
  let sun, saturn = attract sun s.saturn dt in
  let sun, uranus = attract sun s.uranus dt in
  let sun, neptune = attract sun s.neptune dt in
  let jupiter, saturn = attract jupiter saturn dt in
  let jupiter, uranus = attract jupiter uranus dt in
  let jupiter, neptune = attract jupiter neptune dt in
  let saturn, uranus = attract saturn uranus dt in
  let saturn, neptune = attract saturn neptune dt in
  let uranus, neptune = attract uranus neptune dt in
  { sun = move sun dt; jupiter = move jupiter dt; saturn = move saturn dt; uranus = move uranus dt; neptune = move neptune dt }

let rec simulate s steps dt = if steps = 0 then s else simulate (advance s dt) (steps - 1) dt

let potential a b =
  let d = subtract a.place b.place in
  a.mass *. b.mass /. sqrt (dot d d)

let kinetic b = 0.5 *. b.mass *. dot b.speed b.speed

let energy s =
  kinetic s.sun +. kinetic s.jupiter +. kinetic s.saturn +. kinetic s.uranus +. kinetic s.neptune
  -. potential s.sun s.jupiter -. potential s.sun s.saturn -. potential s.sun s.uranus -. potential s.sun s.neptune
  -. potential s.jupiter s.saturn -. potential s.jupiter s.uranus -. potential s.jupiter s.neptune
  -. potential s.saturn s.uranus -. potential s.saturn s.neptune -. potential s.uranus s.neptune

let () =
  let s = balance start in
  Printf.printf "%.9f\n" (energy s);
  Printf.printf "%.9f\n" (energy (simulate s 5000000 0.001))
