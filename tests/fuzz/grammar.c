/*
 * A grammar that writes programs which are mostly legal: most names are declared, most types fit.
 *
 * A production is text in which `$` and a letter stand for something that is written in the same way.  Every function
 * has the same parameters, and the names of the types' values are theirs:
 *
 *   x y n  Int     b  Bool     s  String     f  Float64     xs  List<Int>     o  Option<Int>     e  Result<Int, String>
 *   r  R0          v  V0       g  Int -> Int       q  (Int, Bool)     w  G0<Int, String>     m  HashMap<Int, Int>     p  Ptr<Unit>
 *
 * What is declared many times has a number behind its word: `f$N` declares the next f, behind which `$=` is the same number
 * again; `f$d` is one that there is, behind which `$*` is its number again.  What has number 0 is written if it is needed.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define PARAMETERS \
    "x: Int, y: Int, n: Nat, b: Bool, s: String, f: Float64, xs: List<Int>, o: Option<Int>, r: R0, v: V0, g: Int -> Int, " \
    "e: Result<Int, String>, q: (Int, Bool), w: G0<Int, String>, m: HashMap<Int, Int>, p: Ptr<Unit>"
#define ARGUMENTS "$i, $i, 3, $b, $s, $f, $l, $o, $r, $v, $g, $e, $q, $w, $h, $a"
/* Where there is nothing but x: Int. */
#define LOCALS \
    "let (y, n) = (x, 2) in let b = true in let s = \"s\" in let f = 0.5 in let xs = [x] in let o = Some(x) in " \
    "let r = {a = x, b = b, inner = {c = y}} in let v = B0(x, b) in let g = \\z -> z + x in let e: Result<Int, String> = Ok(x) in " \
    "let q = (x, b) in let w = {left = x, right = s} in let m: HashMap<Int, Int> = HashMap.new(4) in let p: Ptr<Unit> = 0 in "

/* The first one of each kind ends what grows too long. */
static const char *const integers[] = {
    "x", "0", "1", "y", "$#", "9223372036854775807", "$i + $i", "$i - $i", "($i * $i)", "($i / 3)", "($i % 7)", "-$i", "(-$i)",
    "(if $b then $i else $i)", "(let x = $i in $i)", "(let $j = $i in $i)", "(let (x, y) = ($i, $i) in $i)",
    "(match $i with | 0 -> $i | $# -> $i | y -> $i)", "(match $l with | [] -> $i | [x] -> $i | _ -> $i)",
    "(match $o with | Some(x) -> $i | None -> $i)", "(match $v with | A0 -> $i | B0(x, _) -> $i | C0(v) -> $i)",
    "(match ($i, $b) with | (0, true) -> $i | (x, _) -> $i)", "(match $s with | \"a\" -> $i | _ -> $i)",
    "$r.a", "$r.inner.c", "g($i)", "(\\x -> $i)($i)", "f$d(" ARGUMENTS ")", "id($i)", "List.length($l)", "(print(\"\"); $i)", "h$d ($i)",
    "(match {a = $i, c = $b} with | {a = x, ...} -> $i)", "f$d(x, y, n, b, s, f, xs, o, r, v, g, e, q, w, m, p)",
    "(match $f with | 1.5 -> $i | -2.5 -> $i | _ -> $i)",
    "(let z = lazy $i in $i)", "(let k = \\(x: Int) y -> $i in k($i, $i))", "M.m($i)", "(let z = h$d in z($i))", "($i : Int)",
    "(match $l with | Cons(x, xs) -> $i | Nil -> $i)", "(match $l with | [x, y] -> $i | Cons(_, Cons(x, _)) -> $i | _ -> $i)",
    "(match $e with | Ok(x) -> $i | Err(s) -> $i)", "(match $r with | {a = x, b, inner: {c = y}} -> $i)", "$w.left", "($i; $i)",
    "(match $v with | C0(C0(B0(x, true))) -> $i | C0(_) -> $i | B0(-1, _) -> $i | _ -> $i)", "(let (x, b) = $q in $i)",
    "(if $b then $i else if $b then $i else if $b then $i else $i)", "list_get($l, $i)", "List.get($l, $i, $i)", "String.length($s)",
    "float_to_int($f)", "HashMap.get($h, $i)", "HashMap.size($h)", "(HashMap.put($h, $i, $i); $i)", "(let k = c$d($i) in k($i))",
    "c$d x ($i)", "c$d($i)($i)", "(let _ = $o in $i)", "(let z: Nat = 3 in z - $i)", "($i : Nat)", "n", "puts$d($s)", "printf$d(\"%d %s\", $i, $s)",
    "(let k = \\_ (y: Int) -> \\z -> $i in k($s, $i)($i))", "(match $i with | 0 -> $i | 1 -> $i | 2 -> $i | 3 -> $i | -1 -> $i | x -> $i)",
    "(match $s with | \"\" -> $i | \"a\" -> $i | \"ab\\n\" -> $i | s -> $i)", "(let {left = x, right = s} = $w in $i)", "loop$d($i, $i)",
    "(match ($o, $o) with | (Some(x), Some(y)) -> $i | (None, _) -> $i | (_, None) -> $i)", "pole_read_i64(p)", "d$d(Int$*(D$*($i)))",
    "size$d({at = $i, more = [$o]})", "(let k = D$d in d$*(k($i)))", "(if $b then $i else $i in $i)", "(let z = id in $i)", "Deep0.depth(Full($i, [Bare]))", "each$d(h$d, $i)", "each$d(id, $i)",
};
static const char *const booleans[] = {
    "b", "true", "false", "$i == $i", "($i < $i)", "($i >= $i)", "($b and $b)", "($b || $b)", "not $b", "($b => $b)", "($s == $s)",
    "($l == $l)", "($r == $r)", "($v != $v)", "($f < $f)", "(if $b then $b else $b)", "(match $b with | true -> $b | false -> $b)",
    "($i <= $i && $b)", "($b or $b)", "($b ==> $b)", "($i > $i)", "($s < $s)", "($s >= $s)", "($q == $q)", "($o != $o)", "($e == $e)",
    "String.contains($s, $s)", "HashMap.contains($h, $i)", "is_null($a)", "($a == $a)", "(\\x -> $b)($i)", "same($i, $i)", "same($r, $r)",
    "(match $q with | (x, b) -> $b)", "(() == ())", "e$d($i)", "([[$i], []] == [[$i]])",
};
static const char *const strings[] = {
    "s", "\"\"", "\"a\\n\\\"\\\\\"", "\"</script>\"", "(if $b then $s else $s)", "id($s)", "\"\xC3\xA9\"", "$w.right", "\"\\t\\r\\0\"", "ptr_to_string($a)",
    "(match $e with | Err(s) -> $s | Ok(_) -> $s)", "name$d($i)", "list_get([$s], $i)",
};
static const char *const floats[] = {
    "f", "1.5", "0.0", "1.0e308", "($f + $f)", "($f / $f)", "(-$f)", "(if $b then $f else $f)", "id($f)", "int_to_float($i)", "($f * $f)",
    "($f - $f)", "sqrt$d($f)", "2.5E-3",
};
static const char *const lists[] = {
    "xs", "[]", "[$i]", "[$i, $i, $i]", "(if $b then $l else $l)", "id($l)", "List.push($l, $i)", "list_set($l, $i, $i)", "List.concat([$l, $l])",
    "Cons($i, $l)", "Nil", "list_new()", "(match $l with | Cons(_, xs) -> xs | [] -> $l)", "map$d($g, $l)", "List_push(List_new(), $i)",
};
static const char *const options[] = {"o", "None", "Some($i)", "(if $b then $o else $o)", "id($o)", "HashMap.find($h, $i)", "(match $o with | Some(x) -> $o | z -> z)"};
static const char *const results[] = {"e", "Ok($i)", "Err($s)", "(if $b then $e else $e)", "(match $e with | Ok(x) -> Ok($i) | Err(s) -> Err($s))"};
static const char *const records[] = {"r", "{a = $i, b = $b, inner = {c = $i}}", "(if $b then $r else $r)", "id($r)", "{inner: {c: $i}, a: $i, b: $b,}"};
static const char *const variants[] = {"v", "A0", "B0($i, $b)", "C0($v)", "id($v)", "(match $v with | C0(v) -> v | v -> v)", "B0 1 ($b)", "(let k = C0 in k($v))"};
static const char *const functions[] = {
    "g", "\\x -> $i", "h$d", "(\\_ -> $i)", "(\\(y: Int) -> $i)", "id($g)", "M.m", "(if $b then $g else $g)", "c$d($i)", "(\\x -> \\y -> $i)($i)", "twice($g)",
};
static const char *const pairs[] = {"q", "($i, $b)", "(if $b then $q else $q)", "id($q)", "(let (x, b) = $q in ($i, b))"};
static const char *const generics[] = {"w", "{left = $i, right = $s}", "swap({left = $s, right = $i})", "id($w)", "(if $b then $w else $w)"};
static const char *const maps[] = {"m", "HashMap.new(8)", "(let m = HashMap_new(0) in HashMap_put(m, $i, $i); m)", "(if $b then $h else $h)"};
static const char *const addresses[] = {"p", "malloc$d($i)", "(if $b then $a else $a)", "(let p: Ptr<Unit> = 0 in p)", "id(p)"};
/* Without variables. */
static const char *const closed[] = {"1", "$#", "id($c)", "M.m($c)", "(let x = $c in x * x)", "List.length([$c, $c])", "h$d($c)", "(if $c < $c then $c else $c)"};
static const char *const patterns[] = {
    "_", "x", "(x)", "y", "0", "(x, _)", "Some($p)", "[$p, $p]", "{a = $p, ...}", "-1", "\"a\"", "B0($p, $p)", "true", "()", "Cons($p, $p)", "Nil", "Ok($p)", "{a, b: $p}",
};
/* That take any number. */
static const char *const binders[] = {"_", "x", "y", "(x)", "x: Int", "n: Nat"};
static const char *const types[] = {
    "Int", "Bool", "Nat", "String", "Float64", "Unit", "()", "List<$t>", "Option<$t>", "($t, $t)", "$t -> $t", "($t, $t) -> $t",
    "{a: $t, b: $t}", "R0", "V0", "T$d", "HashMap<Int, $t>", "Ptr<$t>", "$t ->IO $t", "(() -> $t)", "G$d<$t, $t>", "Result<$t, $t>", "L$d<$t>",
    "U$d", "HashMap<String, $t>", "$t ->State<$t> $t", "$t ->Error<$t> $t",
};
static const char *const declarations[] = {
    "func f$N(" PARAMETERS ") -> Int :\n  $i\n",
    "func h$N(x: Int) -> Int : " LOCALS "$i\n",
    "func f$N(" PARAMETERS ") -> Int\n  requires $b ensures result == $i :\n  $i; $i\n",
    "func f$N(" PARAMETERS ") -> Nat requires $b requires $b\n : $i\n", "func c$N(x: Int, y: Int) -> Int : " LOCALS "$i\n",
    "func loop$N(x: Int, y: Int) -> Int :\n  " LOCALS "if x <= 0 then y else loop$=(x - 1, $i)\n",
    "func map$N(g: Int -> Int, xs: List<Int>) -> List<Int> :\n match xs with | Cons(x, xs) -> Cons(g(x), map$=(g, xs)) | Nil -> []\n",
    "func e$N(x: Int) -> Bool : if x == 0 then true else o$N(x - 1)\nfunc o$=(x: Int) -> Bool : x != 0 && e$=(x - 1)\n",
    "func k$N<T>(x: T, l: List<T>) -> List<T> : [x, x]\n", "func z$N(z: $t, " PARAMETERS ") -> Int : let k = (z, z) in let k = [k] in $i\n",
    "func k$N<A, B>(x: A, y: B, z: A) -> G0<A, B> : {left = if x == z then x else z, right = y}\n", "func k$N(x: a, y: List<a>) -> Option<a> : Some(x)\n",
    "func y$N(" PARAMETERS ") -> Unit : $i; print($s); if $b then $i else $f\n", "func name$N(x: Int) -> String : " LOCALS "$s\n",
    "type T$N = N$= | M$=(Int, List<T$=>)\ntype D$N = D$=(Int) | Int$=(D$=)\nfunc d$N(z: D$=) -> Int : match z with | D$=(x) -> x | Int$=(z) -> d$=(z)\n",
    "type L$N<A> = End$= | Rest$=(A, L$=<A>)\nfunc sum$=(z: L$=<Int>, x: Int) -> Int : match z with | End$= -> x | Rest$=(y, z) -> sum$=(z, x + y)\n",
    "type T$N = { a$=: $t, b$=: $t, type: Int }\n", "type U$N = $t\n", "type T$N = | K$=($t) | L$=\n", "type G$N<A, B> = { at$=: A, other$=: List<B> }\n",
    "type S$N = { at: Int, more: List<Option<Int>>, }\nfunc size$N(z: S$=) -> Int : z.at + List.length(z.more)\n",
    "extern puts$N: (String) -> Int;\n", "@extern(\"abs\")\nfunc abs$N(c: Int) -> Int\n", "extern printf$N: (String, ...) -> Int\n",
    "@extern(name=\"sqrt\") @pure func sqrt$N(x: Float64) -> Float64\n", "@extern(\"malloc\") func malloc$N(x: Nat) -> Ptr<Unit>\n",
    "@variadic @extern(\"printf\") @header(\"stdio.h\")\nfunc printf$N(s: String) -> CInt\n", "extern qsort$N: (Ptr<Unit>, CUInt, CShort, (Ptr<Unit>, Ptr<Unit>) -> Int) -> ()\n",
    "@test_case(input=$c, expected=$c)\nfunc h$N(x: Int) -> Int : x * $c\n", "@test($c == $c)\n@test($c < $c)\n", "@test_case(input=$c, expected=$c) @test_case(input=$c)\nfunc h$N(x: Int) -> Int : $c\n", "extern each$N: (Int -> Int, Int) -> Int\n", "@test_case(x=$c, y=$c, expected=$c)\nfunc c$N(x: Int, y: Int) -> Int : x + y\n",
    "@test_case(input={left=$c, right=\"$#\"}, expected=$c)\nfunc t$N(z: G0<Int, String>) -> Int : z.left\n", "module N$N :\n  $D$Dend\n",
    "signature I$N :\n func m : Int -> Int\n end\nmodule I$= : I$= :\n type Q$= = Int\n func m(x: Int) -> Int : " LOCALS "$i\n $D end\n",
    "signature P$N<A> :\n func zero : () -> A func plus : (A, A) -> A\nend\nmodule P$= : P$=<Int> :\n func zero() -> Int : $c\n func plus(x: Int, y: Int) -> Int : x + y\nend\n",
    "func p$N(" PARAMETERS ") -> $t : $i\n", "// $i\n", "/* $D */", "@inline\n", "@link(\"m\")\n", "@tailrec @source(\"a\") @what($i)\n",
    "func try$N(type: Int, _: $t, ) -> Unit : ()\n", "func g$N(z: Vec<$t, n>) -> Int : 1\n", "func g$N(z: forall a. List<a> -> Int, k: Int) -> Int : k\n", "import m0\n", "import m1 as N$N\n", "import lib.deep as N$N\n",
    "func y$N() -> Int : $c\nfunc y$N(_: ()) -> Int : y$=() + y$=(())\n", "func q$N(" PARAMETERS ") -> R0 : $r\n", "func q$N(" PARAMETERS ") -> V0 ensures result == $v : $v\n",
    "func q$N(" PARAMETERS ") -> List<Int> : $l\n", "func q$N(" PARAMETERS ") -> Int -> Int : $g\n", "func q$N(" PARAMETERS ") -> (Int, Bool) : $q\n",
    "func q$N(" PARAMETERS ") -> Float64 : $f\n", "func q$N(" PARAMETERS ") -> Result<Int, String> : $e\n", "func q$N(" PARAMETERS ") -> Option<Int> : $o\n",
    "func q$N(" PARAMETERS ") -> G0<Int, String> : $w\n", "func q$N(" PARAMETERS ") -> Ptr<Unit> : $a\n", "func q$N(" PARAMETERS ") -> Bool : $b\n",
};
static const char *const numbers[] = {"0", "1", "2", "10", "255", "4294967296", "9223372036854775807", "007"};
static const char *const odd_numbers[] = {"$#", "9223372036854775808", "1.5", "1e5", "00", "99999999999999999999"};
static const char *const programs[] = {
    "type R0 = { a: Int, b: Bool, inner: { c: Int } }\ntype V0 = A0 | B0(Int, Bool) | C0(V0)\n$D$D$D$Dfunc main() -> Int : $c\n",
};
/* Written behind a program that has the word in it, so some things are used before they are declared. */
static const struct { const char *word, *text; } needed[] = {
    {"f0", "func f0(" PARAMETERS ") -> Int : x\n"}, {"h0", "func h0(x: Int) -> Int : x\n"}, {"c0", "func c0(x: Int, y: Int) -> Int : x - y\n"},
    {"loop0", "func loop0(x: Int, y: Int) -> Int : y\n"}, {"map0", "func map0(g: Int -> Int, xs: List<Int>) -> List<Int> : [g(1)]\n"},
    {"e0", "func e0(x: Int) -> Bool : x > 0\n"}, {"name0", "func name0(x: Int) -> String : \"\"\n"},
    {"T0", "type T0 = { t0: Int }\n"}, {"U0", "type U0 = Int\n"}, {"L0", "type L0<A> = End0 | Rest0(A, L0<A>)\n"},
    {"d0(", "type D0 = D0(Int) | Int0(D0)\nfunc d0(z: D0) -> Int : 1\n"},
    {"size0", "type S0 = { at: Int, more: List<Option<Int>> }\nfunc size0(z: S0) -> Int : z.at\n"},
    {"puts0", "extern puts0: (String) -> Int\n"}, {"printf0", "extern printf0: (String, ...) -> Int\n"},
    {"each0", "extern each0: (Int -> Int, Int) -> Int\n"}, {"sqrt0", "@extern(\"sqrt\") func sqrt0(f: Float64) -> Float64\n"}, {"malloc0", "@extern(\"malloc\") func malloc0(x: Int) -> Ptr<Unit>\n"},
    {"pole_read_i64", "extern pole_read_i64: (Ptr<Unit>) -> Int\n"}, {"id", "func id<T>(x: T) -> T : x\n"},
    {"swap", "func swap<A, B>(w: G0<A, B>) -> G0<B, A> : {left = w.right, right = w.left}\n"}, {"same", "func same<A>(x: A, y: A) -> Bool : x == y\n"},
    {"twice", "func twice<A>(g: A -> A) -> A -> A : \\x -> g(g(x))\n"}, {"M.m", "module M :\n  func m(x: Int) -> Int : x + 1\nend\n"},
    {"Deep0", "import lib.deep as Deep0\nimport m0 as Zero0\n"}, {"G0<", "type G0<A, B> = { left: A, right: B }\n"},
};

typedef struct { char kind; const char *const *texts; uint32_t n; } Kind;
#define KIND(letter, texts) {letter, texts, sizeof texts / sizeof *texts}
static const Kind kinds[] = {
    KIND('i', integers), KIND('b', booleans), KIND('s', strings), KIND('f', floats), KIND('l', lists), KIND('o', options),
    KIND('r', records), KIND('v', variants), KIND('g', functions), KIND('p', patterns), KIND('t', types), KIND('D', declarations),
    KIND('#', numbers), KIND('%', odd_numbers), KIND('P', programs), KIND('e', results), KIND('q', pairs), KIND('w', generics), KIND('h', maps),
    KIND('a', addresses), KIND('c', closed), KIND('j', binders),
};

enum { N_WORDS = 256, DEEPEST = 12 };

typedef struct {
    char *out;
    size_t length, most;
    uint64_t *random;
    bool piece;               /* of a program of which nothing is known */
    uint8_t next[N_WORDS];    /* by a hash of the word: the number of the next one that is declared */
    uint8_t declared, used;   /* the last numbers that were written */
} Writer;

static void write_kind(Writer *w, char letter, unsigned depth);

static void write_number(Writer *w, char how)
{
    unsigned word = 0;
    for (size_t i = w->length; i > 0 && ((w->out[i - 1] | 32) >= 'a' && (w->out[i - 1] | 32) <= 'z'); i--)
        word = word * 31 + (unsigned char)w->out[i - 1];
    uint8_t *next = &w->next[word % N_WORDS];
    if (*next == 0)
        *next = (uint8_t)(w->piece ? 3 + random_below(w->random, 20) : 1);
    if (how == 'N')
        w->declared = *next += *next < 200;
    else if (how == 'd')
        w->used = (uint8_t)random_below(w->random, w->piece || *next < 3 ? 1 : *next - 1u);
    char text[4];
    int n = snprintf(text, sizeof text, "%u", how == 'd' || how == '*' ? w->used : w->declared - 1u);
    for (int i = 0; i < n && w->length < w->most; i++)
        w->out[w->length++] = text[i];
}

static void write_production(Writer *w, const char *text, unsigned depth)
{
    for (; *text != '\0'; text++) {
        if (*text == '$' && strchr("Nd=*", text[1]) != NULL)
            write_number(w, *++text);
        else if (*text == '$')
            write_kind(w, *++text, depth + 1);
        else if (w->length < w->most)
            w->out[w->length++] = *text;
    }
}

static void write_kind(Writer *w, char letter, unsigned depth)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind != letter)
            continue;
        bool ends = depth > DEEPEST || w->length + 64 > w->most / 2; /* the rest is for what has been begun, and is needed */
        uint32_t among = depth > 4 && random_below(w->random, 3) > 0 ? (kinds[i].n + 3) / 4 : kinds[i].n;
        write_production(w, kinds[i].texts[ends ? 0 : random_below(w->random, among)], depth);
        return;
    }
}

size_t grammar_piece(char *out, size_t most, char kind, uint64_t *random)
{
    Writer writer = {.out = out, .most = most, .random = random, .piece = true};
    write_kind(&writer, kind, 0);
    return writer.length;
}

size_t grammar_program(char *out, size_t most, uint64_t *random)
{
    Writer writer = {.out = out, .most = most, .random = random};
    write_kind(&writer, 'P', 0);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (memmem(out, writer.length, needed[i].word, strlen(needed[i].word)) != NULL)
            write_production(&writer, needed[i].text, 0);
    return writer.length;
}
