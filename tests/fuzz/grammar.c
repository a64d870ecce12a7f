/*
 * A grammar that writes programs which are mostly legal: most names are declared, most types fit.
 *
 * A production is text in which `$` and a letter stand for something that is written in the same way.  Every function
 * has the same parameters, and the names of the types' values are theirs:
 *
 *   x y n  Int     b  Bool     s  String     f  Float64     xs  List<Int>     o  Option<Int>     r  R0     v  V0     g  Int -> Int
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define PARAMETERS "x: Int, y: Int, n: Nat, b: Bool, s: String, f: Float64, xs: List<Int>, o: Option<Int>, r: R0, v: V0, g: Int -> Int"
#define ARGUMENTS "$i, $i, 3, $b, $s, $f, $l, $o, $r, $v, $g"

/* The first one of each kind ends what grows too long. */
static const char *const integers[] = {
    "x", "0", "1", "y", "$#", "9223372036854775807", "$i + $i", "$i - $i", "($i * $i)", "($i / 3)", "($i % 7)", "-$i", "(-$i)",
    "(if $b then $i else $i)", "(let x = $i in $i)", "(let $p = $i in $i)", "(let (x, y) = ($i, $i) in $i)",
    "(match $i with | 0 -> $i | $# -> $i | y -> $i)", "(match $l with | [] -> $i | [x] -> $i | _ -> $i)",
    "(match $o with | Some(x) -> $i | None -> $i)", "(match $v with | A0 -> $i | B0(x, _) -> $i | C0(v) -> $i)",
    "(match ($i, $b) with | (0, true) -> $i | (x, _) -> $i)", "(match $s with | \"a\" -> $i | _ -> $i)",
    "$r.a", "$r.inner.c", "g($i)", "(\\x -> $i)($i)", "f$d(" ARGUMENTS ")", "id($i)", "length($l)", "(print(\"\"); $i)", "h$d $i",
    "(match {a = $i, c = $b} with | {a = x, ...} -> $i)", "f$d(x, y, n, b, s, f, xs, o, r, v, g)", "(match $f with | 1.5 -> $i | _ -> $i)",
    "(let z = lazy $i in $i)", "(let k = \\(x: Int) y -> $i in k($i, $i))", "M.m($i)", "(let q = h$d in q($i))", "($i : Int)",
};
static const char *const booleans[] = {
    "b", "true", "false", "$i == $i", "($i < $i)", "($i >= $i)", "($b and $b)", "($b || $b)", "not $b", "($b => $b)", "($s == $s)",
    "($l == $l)", "($r == $r)", "($v != $v)", "($f < $f)", "(if $b then $b else $b)", "(match $b with | true -> $b | false -> $b)",
};
static const char *const strings[] = {"s", "\"\"", "\"a\\n\\\"\\\\\"", "\"</script>\"", "(if $b then $s else $s)", "id($s)", "\"\xC3\xA9\""};
static const char *const floats[] = {"f", "1.5", "0.0", "1.0e308", "($f + $f)", "($f / $f)", "(-$f)", "(if $b then $f else $f)", "id($f)"};
static const char *const lists[] = {"xs", "[]", "[$i]", "[$i, $i, $i]", "(if $b then $l else $l)", "id($l)", "push($l, $i)", "map($l, $g)", "tail($l)"};
static const char *const options[] = {"o", "None", "Some($i)", "(if $b then $o else $o)", "id($o)"};
static const char *const records[] = {"r", "{a = $i, b = $b, inner = {c = $i}}", "(if $b then $r else $r)", "id($r)"};
static const char *const variants[] = {"v", "A0", "B0($i, $b)", "C0($v)", "id($v)", "(match $v with | C0(v) -> v | v -> v)"};
static const char *const functions[] = {"g", "\\x -> $i", "h$d", "(\\_ -> $i)", "(\\(y: Int) -> $i)", "id($g)", "M.m", "(if $b then $g else $g)"};
static const char *const patterns[] = {"_", "x", "(x)", "y", "0", "(x, _)", "Some($p)", "[$p, $p]", "{a = $p, ...}", "-1", "\"a\"", "B0($p, $p)", "true", "()"};
static const char *const types[] = {
    "Int", "Bool", "Nat", "String", "Float64", "Unit", "()", "List<$t>", "Option<$t>", "($t, $t)", "$t -> $t", "($t, $t) -> $t",
    "{a: $t, b: $t}", "R0", "V0", "T$d<$t>", "T$d", "HashMap<$t, $t>", "Ptr", "$t ->IO $t", "(() -> $t)",
};
static const char *const declarations[] = {
    "func f$d(" PARAMETERS ") -> Int :\n  $i\n",
    "func h$d(x: Int) -> Int : let (y, n) = (x, 2) in let b = true in let xs = [x] in let g = \\x -> x in $i\n",
    "func f$d(" PARAMETERS ") -> Int\n  requires $b ensures result == $i :\n  $i; $i\n",
    "func k$d<T>(x: T, l: List<T>) -> List<T> : [x, x]\n", "func t$d(x: $t) -> $t : x\n", "func u$d(x: T$d<$t>, y: $t) -> Bool : x == x\n",
    "type T$d<A> = N$d | M$d(A, T$d<A>)\n", "type T$d = { a: $t, b$d: $t }\n", "type T$d = $t\n", "type T$d = | K$d($t) | L$d\n",
    "extern puts$d: (String) -> Int;\n", "@extern(\"abs\")\nfunc c$d(x: Int) -> Int\n", "extern printf: (String, ...) -> Int\n",
    "@test_case(input=$#, expected=$#)\n", "@test($b)\n", "module N$d :\n  $D$Dend\n", "import lib.$d\n",
    "signature S$d :\n func m : Int -> Int\n type T\nend\n", "module M$d : S$d :\n func m(x: Int) -> Int : $i\n $D end\n",
    "func p$d(" PARAMETERS ") -> $t : $i\n", "// $i\n", "/* $D */", "@inline\n", "@link(\"m\")\n",
};
static const char *const digits[] = {"0", "1", "2", "3"};
static const char *const numbers[] = {"0", "1", "2", "10", "255", "4294967296", "9223372036854775807", "9223372036854775808", "007", "1.5"};
static const char *const programs[] = {
    "type R0 = { a: Int, b: Bool, inner: { c: Int } }\ntype V0 = A0 | B0(Int, Bool) | C0(V0)\nfunc id<T>(x: T) -> T : x\n"
    "module M :\n  func m(x: Int) -> Int : x + 1\nend\n$D$D$D$D",
};

typedef struct { char kind; const char *const *texts; uint32_t n; } Kind;
#define KIND(letter, texts) {letter, texts, sizeof texts / sizeof *texts}
static const Kind kinds[] = {
    KIND('i', integers), KIND('b', booleans), KIND('s', strings), KIND('f', floats), KIND('l', lists), KIND('o', options),
    KIND('r', records), KIND('v', variants), KIND('g', functions), KIND('p', patterns), KIND('t', types), KIND('D', declarations),
    KIND('d', digits), KIND('#', numbers), KIND('P', programs),
};

typedef struct {
    char *out;
    size_t length, most;
    uint64_t *random;
} Writer;

enum { DEEPEST = 12 };

static void write_kind(Writer *w, char letter, unsigned depth);

static void write_production(Writer *w, const char *text, unsigned depth)
{
    for (; *text != '\0'; text++) {
        if (*text == '$' && text[1] != '\0')
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
        bool ends = depth > DEEPEST || w->length + 64 > w->most;
        uint32_t among = depth > 4 && random_below(w->random, 3) > 0 ? (kinds[i].n + 3) / 4 : kinds[i].n;
        write_production(w, kinds[i].texts[ends && letter != 'd' ? 0 : random_below(w->random, among)], depth);
        return;
    }
}

size_t grammar_piece(char *out, size_t most, char kind, uint64_t *random)
{
    Writer writer = {out, 0, most, random};
    write_kind(&writer, kind, 0);
    return writer.length;
}

size_t grammar_program(char *out, size_t most, uint64_t *random)
{
    size_t length = 0;
    for (uint32_t n = 1 + random_below(random, 3); n > 0 && length < most; n--)
        length += grammar_piece(out + length, most - length, length == 0 ? 'P' : 'D', random);
    return length;
}
