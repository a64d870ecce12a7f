#!/usr/bin/env python3
"""Writes one random program in several languages, for comparing compilers on the same work.

    generate.py --functions N --seed S --language pole|c|ocaml|go|rust [--run] [-o FILE]

The program is drawn once, from the seed alone, as a list of functions over records, variants, strings, lets, nested
ifs, matches and calls; each language's writer prints that.  Names, literals and shapes are random, because a compiler
that meets the same text again and again is flattered by its branch predictors and caches.

With --run the program can be run, and prints the same number in every language: calls do not multiply without end, and no
number gets large enough for integers of 63 bits (OCaml) to matter.
"""

import argparse
import random
import sys

SYLLABLES = "ba be bo da de du fa fi go ha in ka ke la le lo ma me mi na ne no or pa pe ra re ri sa se so ta te ti to un va ve wa za".split()
MAIN_CALLS = 100     # of --run: main calls the last ones
MOST_CALLS = 2000    # of --run: that one call leads to
MODULUS = 100003     # of --run
NOUNS = "account angle area balance buffer count delta depth edge field frame grade height index item key length level limit mass node offset order page point price queue rank rate ratio score shift size slot span speed state step sum table time total unit value volume weight width".split()


class Program:
    """What is common to all languages: types, and functions as trees."""

    def __init__(self, functions, seed, run=False):
        self.run = run
        self.random = random.Random(seed)
        self.used = set()
        self.records = [self.record() for _ in range(max(3, functions // 50))]
        self.variants = [self.variant() for _ in range(max(3, functions // 50))]
        self.functions = []
        for _ in range(functions):
            self.functions.append(self.function())
        called = self.functions[-MAIN_CALLS:] if run else []  # without --run the tree of calls is far too large
        self.main = [("call", f, [self.argument([], p[1], 0) for p in f["params"]]) for f in called]

    def name(self, capital=False):
        r = self.random
        while True:
            name = r.choice(NOUNS) + "_" + "".join(r.choice(SYLLABLES) for _ in range(r.randint(1, 3)))
            if r.random() < 0.4:
                name += "_" + r.choice(NOUNS)
            if capital:
                name = "".join(part.capitalize() for part in name.split("_"))
            if name not in self.used:
                self.used.add(name)
                return name

    def local(self, scope):
        r = self.random
        for _ in range(20):
            name = r.choice(NOUNS) if r.random() < 0.6 else r.choice(SYLLABLES) + r.choice(SYLLABLES)
            if name not in scope and name not in ("do", "goto"):
                return name
        return self.name()

    def record(self):
        fields = []
        for _ in range(self.random.randint(2, 6)):
            fields.append(self.local(fields))
        return {"name": self.name(True), "fields": fields}

    def variant(self):
        return {"name": self.name(True),
                "constructors": [(self.name(True), self.random.randint(0, 3)) for _ in range(self.random.randint(2, 6))]}

    # ---- functions: every expression is an integer, conditions apart ----

    def function(self):
        r = self.random
        self.calls = 1
        params = []
        for _ in range(r.randint(1, 4)):
            kind = r.random()
            type_ = ("record", r.choice(self.records)) if kind < 0.2 else ("variant", r.choice(self.variants)) if kind < 0.4 else ("int", None)
            params.append((self.local([p[0] for p in params]), type_))
        scope = list(params)
        lets = []
        for _ in range(r.randint(2, 7)):
            value = self.let_value(scope)
            name = self.local([p[0] for p in scope])
            lets.append((name, value))
            scope.append((name, ("int", None)))
        name, result = self.name(), self.expression(scope, 3)
        return {"name": name, "params": params, "lets": lets, "result": result, "calls": self.calls}

    def let_value(self, scope):
        variants = [p for p in scope if p[1][0] == "variant"]
        if variants and self.random.random() < 0.45:
            return self.match(scope, self.random.choice(variants))
        if self.random.random() < 0.3:
            return ("if", self.condition(scope, 2), self.expression(scope, 2), self.expression(scope, 2))
        if self.random.random() < 0.1:
            return ("length", "".join(self.random.choice("abcdefghij klmnopqrstuvwxyz") for _ in range(self.random.randint(3, 30))))
        return self.expression(scope, 3)

    def match(self, scope, subject):
        arms = []
        for constructor, n in subject[1][1]["constructors"]:
            names = []
            for _ in range(n):
                names.append(self.local([p[0] for p in scope] + names))
            arms.append((constructor, names, self.expression(scope + [(x, ("int", None)) for x in names], 2)))
        return ("match", subject, arms)

    def expression(self, scope, depth):
        r = self.random
        ints = [p[0] for p in scope if p[1][0] == "int"]
        records = [p for p in scope if p[1][0] == "record"]
        roll = r.random()
        if depth == 0 or roll < 0.15:
            if ints and r.random() < 0.7:
                return ("name", r.choice(ints))
            return ("int", r.choice([r.randint(0, 9), r.randint(10, 999), r.randint(1000, 99999 if self.run else 9999999)]))
        if records and roll < 0.35:
            record = r.choice(records)
            return ("field", record[0], r.choice(record[1][1]["fields"]))
        if self.functions and roll < 0.55:
            callee = r.choice(self.functions[-200:])
            if self.run and self.calls + callee["calls"] > MOST_CALLS:
                return ("int", r.randint(0, 999))
            self.calls += callee["calls"]
            return ("call", callee, [self.argument(scope, p[1], depth - 1) for p in callee["params"]])
        made = ("binary", r.choice(["+", "-", "*", "+", "-"]), self.expression(scope, depth - 1), self.expression(scope, depth - 1))
        return ("binary", "%", made, ("int", MODULUS)) if self.run else made

    def argument(self, scope, type_, depth):
        kind, of = type_
        if kind == "int":
            return self.expression(scope, min(depth, 1))
        same = [p[0] for p in scope if p[1][0] == kind and p[1][1] is of]
        if same and self.random.random() < 0.7:
            return ("name", self.random.choice(same))
        if kind == "record":
            return ("record", of, [self.expression(scope, 0) for _ in of["fields"]])
        constructor, n = self.random.choice(of["constructors"])
        return ("construct", of, constructor, [self.expression(scope, 0) for _ in range(n)])

    def condition(self, scope, depth):
        if depth > 0 and self.random.random() < 0.35:
            return ("logic", self.random.choice(["&&", "||"]), self.condition(scope, depth - 1), self.condition(scope, depth - 1))
        return ("compare", self.random.choice(["<", "<=", ">", ">=", "==", "!="]), self.expression(scope, 1), self.expression(scope, 1))


class Pole:
    def write(self, program, out):
        out("extern printf: (String, ...) -> Int;\n\n" if program.main else "")
        for r in program.records:
            out(f"type {r['name']} = {{ {', '.join(f'{f}: Int' for f in r['fields'])} }}\n")
        for v in program.variants:
            out(f"\ntype {v['name']} =\n")
            for constructor, n in v["constructors"]:
                out(f"  | {constructor}" + (f"({', '.join(['Int'] * n)})" if n else "") + "\n")
        for f in program.functions:
            params = ", ".join(f"{name}: {'Int' if t[0] == 'int' else t[1]['name']}" for name, t in f["params"])
            out(f"\nfunc {f['name']}({params}) -> Int :\n")
            for name, value in f["lets"]:
                self.let(name, value, out)
            out(f"  {self.show(f['result'])}\n")
        out("\nfunc main() -> Int :\n" if program.main else "\nfunc main() -> Int : 0\n")
        total = "0"
        for i, call in enumerate(program.main):
            out(f"  let total_{i} = (({total} * 31) + {self.show(call)}) % {MODULUS} in\n")
            total = f"total_{i}"
        if program.main:
            out(f'  printf("%lld\\n", {total}); 0\n')

    def let(self, name, value, out):
        if value[0] == "match":
            out(f"  let {name} =\n    match {value[1][0]} with\n")
            for constructor, names, body in value[2]:
                out(f"    | {constructor}" + (f"({', '.join(names)})" if names else "") + f" -> {self.show(body)}\n")
            out("  in\n")
        elif value[0] == "if":
            out(f"  let {name} =\n    if {self.show(value[1])}\n    then {self.show(value[2])}\n    else {self.show(value[3])}\n  in\n")
        else:
            out(f"  let {name} = {self.show(value)} in\n")

    def show(self, e):
        kind = e[0]
        if kind in ("name", "int"):
            return str(e[1])
        if kind == "length":
            return f'String.length("{e[1]}")'
        if kind == "field":
            return f"{e[1]}.{e[2]}"
        if kind == "call":
            return f"{e[1]['name']}({', '.join(map(self.show, e[2]))})"
        if kind == "record":
            return "{ " + ", ".join(f"{f}: {self.show(v)}" for f, v in zip(e[1]["fields"], e[2])) + " }"
        if kind == "construct":
            return e[2] + (f"({', '.join(map(self.show, e[3]))})" if e[3] else "")
        if kind in ("compare",):
            return f"{self.show(e[2])} {e[1]} {self.show(e[3])}"
        return f"({self.show(e[2])} {e[1]} {self.show(e[3])})"


class C(Pole):
    def assigned(self, name, match):
        return name + "_" if any(name in names for _, names, _ in match[2]) else name  # an arm's own variable may hide it

    def write(self, program, out):
        out("typedef long Int;\nunsigned long strlen(const char *);\nint printf(const char *, ...);\n")
        for r in program.records:
            out(f"typedef struct {{ {' '.join(f'Int {f};' for f in r['fields'])} }} {r['name']};\n")
        for v in program.variants:
            out("\nenum { " + ", ".join(f"{c}_tag" for c, _ in v["constructors"]) + " };\n")
            payload = " ".join(f"struct {{ {' '.join(f'Int p{i};' for i in range(n))} }} {c};" for c, n in v["constructors"] if n)
            out(f"typedef struct {{ int tag; union {{ {payload} }} as; }} {v['name']};\n" if payload else f"typedef struct {{ int tag; }} {v['name']};\n")
        for f in program.functions:
            params = ", ".join(f"{'Int' if t[0] == 'int' else t[1]['name']} {name}" for name, t in f["params"])
            out(f"\nInt {f['name']}({params})\n{{\n")
            for name, value in f["lets"]:
                self.let(name, value, out)
            out(f"  return {self.show(f['result'])};\n}}\n")
        out("\nint main(void)\n{\n  Int total = 0;\n")
        for call in program.main:
            out(f"  total = ((total * 31) + {self.show(call)}) % {MODULUS};\n")
        out('  printf("%ld\\n", total);\n' if program.main else "")
        out("  return 0;\n}\n")

    def let(self, name, value, out):
        if value[0] == "match":
            target = self.assigned(name, value)
            out(f"  Int {target};\n  switch ({value[1][0]}.tag) {{\n")
            for i, (constructor, names, body) in enumerate(value[2]):
                label = "default" if i == len(value[2]) - 1 else f"case {constructor}_tag"
                bind = "".join(f"Int {x} = {value[1][0]}.as.{constructor}.p{i}; " for i, x in enumerate(names))
                out(f"  {label}: {{ {bind}{target} = {self.show(body)}; break; }}\n")
            out("  }\n" + (f"  Int {name} = {target};\n" if target != name else ""))
        elif value[0] == "if":
            out(f"  Int {name};\n  if ({self.show(value[1])})\n    {name} = {self.show(value[2])};\n  else\n    {name} = {self.show(value[3])};\n")
        else:
            out(f"  Int {name} = {self.show(value)};\n")

    def show(self, e):
        kind = e[0]
        if kind == "length":
            return f'(Int)strlen("{e[1]}")'
        if kind == "record":
            return f"({e[1]['name']}){{ " + ", ".join(map(self.show, e[2])) + " }"
        if kind == "construct":
            payload = f", .as.{e[2]} = {{ {', '.join(map(self.show, e[3]))} }}" if e[3] else ""
            return f"({e[1]['name']}){{ .tag = {e[2]}_tag{payload} }}"
        return super().show(e)


class OCaml(Pole):
    """Integers have 63 bits here; nothing else differs."""

    def type_name(self, type_):
        return type_["name"][0].lower() + type_["name"][1:]

    def local(self, name):
        return "done_" if name == "done" else name  # the one keyword among the names

    def write(self, program, out):
        for r in program.records:
            out(f"type {self.type_name(r)} = {{ {'; '.join(f'{self.local(f)}: int' for f in r['fields'])} }}\n")
        for v in program.variants:
            out(f"\ntype {self.type_name(v)} =\n")
            for constructor, n in v["constructors"]:
                out(f"  | {constructor}" + (f" of {' * '.join(['int'] * n)}" if n else "") + "\n")
        for f in program.functions:
            params = " ".join(f"({self.local(name)} : {'int' if t[0] == 'int' else self.type_name(t[1])})" for name, t in f["params"])
            out(f"\nlet {f['name']} {params} : int =\n")
            for name, value in f["lets"]:
                self.let(self.local(name), value, out)
            out(f"  {self.show(f['result'])}\n")
        if program.main:
            out("\nlet () =\n  let total = 0 in\n")
            for call in program.main:
                out(f"  let total = ((total * 31) + {self.show(call)}) mod {MODULUS} in\n")
            out('  Printf.printf "%d\\n" total\n')

    def show(self, e):
        kind = e[0]
        if kind == "int":
            return str(e[1])
        if kind == "binary" and e[1] == "%":
            return f"({self.show(e[2])} mod {self.show(e[3])})"
        if kind == "name":
            return self.local(e[1])
        if kind == "length":
            return f'(String.length "{e[1]}")'
        if kind == "field":
            return f"{self.local(e[1])}.{self.local(e[2])}"
        if kind == "call":
            return f"({e[1]['name']} {' '.join(map(self.show, e[2]))})"
        if kind == "record":
            fields = "; ".join(f"{self.local(f)} = {self.show(v)}" for f, v in zip(e[1]["fields"], e[2]))
            return f"({{ {fields} }} : {self.type_name(e[1])})"
        if kind == "construct":
            return f"({super().show(e)})"
        if kind == "compare":
            operator = {"==": "=", "!=": "<>"}.get(e[1], e[1])
            return f"{self.show(e[2])} {operator} {self.show(e[3])}"
        return super().show(e)


class Go(C):
    """A variant is an interface, a match a switch over types.  Unused variables are errors, so each is named once more."""

    def write(self, program, out):
        out("package main\n\n" + ('import "fmt"\n\n' if program.main else "") + "func variable(n int) int { return n }\n")
        for r in program.records:
            out(f"\ntype {r['name']} struct {{ {'; '.join(f'{f} int' for f in r['fields'])} }}\n")
        for v in program.variants:
            out(f"\ntype {v['name']} interface {{ is{v['name']}() }}\n")
            for constructor, n in v["constructors"]:
                out(f"type {constructor} struct {{ {'; '.join(f'p{i} int' for i in range(n))} }}\n")
                out(f"func ({constructor}) is{v['name']}() {{}}\n")
        for f in program.functions:
            params = ", ".join(f"{name} {'int' if t[0] == 'int' else t[1]['name']}" for name, t in f["params"])
            out(f"\nfunc {f['name']}({params}) int {{\n")
            for name, value in f["lets"]:
                self.let(name, value, out)
                out(f"\t_ = {name}\n")
            out(f"\treturn {self.show(f['result'])}\n}}\n")
        out("\nfunc main() {\n" + ("\ttotal := 0\n" if program.main else ""))
        for call in program.main:
            out(f"\ttotal = ((total * 31) + {self.show(call)}) % {MODULUS}\n")
        out("\tfmt.Println(total)\n}\n" if program.main else "}\n")

    def let(self, name, value, out):
        if value[0] == "match":
            bound = "bound := " if any(names for _, names, _ in value[2]) else ""
            target = self.assigned(name, value)
            out(f"\tvar {target} int\n\tswitch {bound}{value[1][0]}.(type) {{\n")
            for constructor, names, body in value[2]:
                out(f"\tcase {constructor}:\n")
                for i, x in enumerate(names):
                    out(f"\t\t{x} := bound.p{i}\n\t\t_ = {x}\n")
                out(f"\t\t{target} = {self.show(body)}\n")
            out("\t}\n" + (f"\t{name} := {target}\n" if target != name else ""))
        elif value[0] == "if":
            out(f"\tvar {name} int\n\tif {self.show(value[1])} {{\n\t\t{name} = {self.show(value[2])}\n"
                f"\t}} else {{\n\t\t{name} = {self.show(value[3])}\n\t}}\n")
        else:
            out(f"\t{name} := {self.show(value)}\n")

    def is_constant(self, e):
        return e[0] in ("int", "length") or e[0] == "binary" and self.is_constant(e[2]) and self.is_constant(e[3])

    def show(self, e):
        kind = e[0]
        if kind == "length":
            return f'len("{e[1]}")'
        if kind == "binary" and self.is_constant(e):  # Go lets no constant overflow
            left = self.show(e[2])
            return f"({left if e[2][0] == 'binary' else f'variable({left})'} {e[1]} {self.show(e[3])})"
        if kind == "record":
            return f"({e[1]['name']}{{{', '.join(map(self.show, e[2]))}}})"
        if kind == "construct":
            return f"({e[2]}{{{', '.join(map(self.show, e[3]))}}})"
        return super().show(e)


class Rust(Pole):
    """Records and variants are copied, as elsewhere.  To be compiled with -C overflow-checks=off."""

    def write(self, program, out):
        out("#![allow(warnings, arithmetic_overflow)]\n")
        for r in program.records:
            out(f"#[derive(Clone, Copy)]\npub struct {r['name']} {{ {', '.join(f'{f}: i64' for f in r['fields'])} }}\n")
        for v in program.variants:
            constructors = ", ".join(c + (f"({', '.join(['i64'] * n)})" if n else "") for c, n in v["constructors"])
            out(f"#[derive(Clone, Copy)]\npub enum {v['name']} {{ {constructors} }}\n")
        for f in program.functions:
            params = ", ".join(f"{name}: {'i64' if t[0] == 'int' else t[1]['name']}" for name, t in f["params"])
            out(f"\npub fn {f['name']}({params}) -> i64 {{\n")
            for name, value in f["lets"]:
                self.let(name, value, out)
            out(f"    {self.show(f['result'])}\n}}\n")
        out("\npub fn main() {\n    let mut total: i64 = 0;\n")
        for call in program.main:
            out(f"    total = ((total * 31) + {self.show(call)}) % {MODULUS};\n")
        out('    println!("{}", total);\n}\n' if program.main else "}\n")

    def let(self, name, value, out):
        if value[0] == "match":
            type_ = value[1][1][1]["name"]
            out(f"    let {name}: i64 = match {value[1][0]} {{\n")
            for constructor, names, body in value[2]:
                out(f"        {type_}::{constructor}" + (f"({', '.join(names)})" if names else "") + f" => {self.show(body)},\n")
            out("    };\n")
        elif value[0] == "if":
            out(f"    let {name}: i64 = if {self.show(value[1])} {{ {self.show(value[2])} }} else {{ {self.show(value[3])} }};\n")
        else:
            out(f"    let {name}: i64 = {self.show(value)};\n")

    def show(self, e):
        kind = e[0]
        if kind == "length":
            return f'("{e[1]}".len() as i64)'
        if kind == "record":
            return f"{e[1]['name']} {super().show(e)}"
        if kind == "construct":
            return f"{e[1]['name']}::{super().show(e)}"
        return super().show(e)


WRITERS = {"pole": Pole, "c": C, "ocaml": OCaml, "go": Go, "rust": Rust}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--functions", type=int, default=10000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--language", choices=WRITERS, default="pole")
    arguments.add_argument("--run", action="store_true", help="a program that can be run; it prints the same in every language")
    arguments.add_argument("-o", dest="output", default="-")
    given = arguments.parse_args()
    sys.setrecursionlimit(10000)
    program = Program(given.functions, given.seed, given.run)
    out = sys.stdout if given.output == "-" else open(given.output, "w")
    with out:
        WRITERS[given.language]().write(program, out.write)


main()
