#!/usr/bin/env python3
"""Writes one random program in several languages, for comparing compilers on the same work.

    generate.py --functions N --seed S --language pole|c|ocaml|go|rust [--shape long|short] [--run] [-o FILE]

The program is drawn once, from the seed alone, as a list of functions over records, variants, strings, lets, nested
ifs, matches and calls; each language's writer prints that.  Names, literals and shapes are random, because a compiler
that meets the same text again and again is flattered by its branch predictors and caches.

With --run the program can be run, and prints the same number in every language: calls do not multiply without end, and no
number gets large enough for integers of 63 bits (OCaml) to matter.
"""

import argparse
import dataclasses
import random
import sys

SYLLABLES = "ba be bo da de du fa fi go ha in ka ke la le lo ma me mi na ne no or pa pe ra re ri sa se so ta te ti to un va ve wa za".split()
MAIN_CALLS = 100     # of --run: main calls the last ones
MOST_CALLS = 2000    # of --run: that one call leads to
MODULUS = 100003     # of --run
NOUNS = "account angle area balance buffer count delta depth edge field frame grade height index item key length level limit mass node offset order page point price queue rank rate ratio score shift size slot span speed state step sum table time total unit value volume weight width".split()


@dataclasses.dataclass(frozen=True)
class Shape:
    """How large the parts of a program are: least and most of each, and how deep expressions nest."""
    lets: tuple            # of a function
    params: tuple          # of a function
    fields: tuple          # of a record
    constructors: tuple    # of a variant
    payload: tuple         # of a constructor
    depth: int             # of a let's value and a result
    inner: int             # of the arms of a match, the branches and the condition of an if
    calls: float           # how many of the expressions that are no leaves are calls


SHAPES = {
    "long": Shape(lets=(2, 7), params=(1, 4), fields=(2, 6), constructors=(2, 6), payload=(0, 3), depth=3, inner=2, calls=0.2),
    "short": Shape(lets=(2, 5), params=(1, 3), fields=(2, 3), constructors=(2, 4), payload=(0, 2), depth=2, inner=1, calls=0.1),
}


class Program:
    """What is common to all languages: types, and functions as trees."""

    def __init__(self, functions, seed, run=False, shape="long"):
        self.run = run
        self.shape = SHAPES[shape]
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
        for _ in range(self.random.randint(*self.shape.fields)):
            fields.append(self.local(fields))
        return {"name": self.name(True), "fields": fields}

    def variant(self):
        return {"name": self.name(True),
                "constructors": [(self.name(True), self.random.randint(*self.shape.payload))
                                 for _ in range(self.random.randint(*self.shape.constructors))]}

    # ---- functions: every expression is an integer, conditions apart ----

    def function(self):
        r = self.random
        self.calls = 1
        params = []
        for _ in range(r.randint(*self.shape.params)):
            kind = r.random()
            type_ = ("record", r.choice(self.records)) if kind < 0.2 else ("variant", r.choice(self.variants)) if kind < 0.4 else ("int", None)
            params.append((self.local([p[0] for p in params]), type_))
        scope = list(params)
        lets = []
        for _ in range(r.randint(*self.shape.lets)):
            value = self.let_value(scope)
            name = self.local([p[0] for p in scope])
            lets.append((name, value))
            scope.append((name, ("int", None)))
        name, result = self.name(), self.expression(scope, self.shape.depth)
        return {"name": name, "params": params, "lets": lets, "result": result, "calls": self.calls}

    def let_value(self, scope):
        inner = self.shape.inner
        variants = [p for p in scope if p[1][0] == "variant"]
        if variants and self.random.random() < 0.45:
            return self.match(scope, self.random.choice(variants))
        if self.random.random() < 0.3:
            return ("if", self.condition(scope, inner), self.expression(scope, inner), self.expression(scope, inner))
        if self.random.random() < 0.1:
            return ("length", "".join(self.random.choice("abcdefghij klmnopqrstuvwxyz") for _ in range(self.random.randint(3, 30))))
        return self.expression(scope, self.shape.depth)

    def match(self, scope, subject):
        arms = []
        for constructor, n in subject[1][1]["constructors"]:
            names = []
            for _ in range(n):
                names.append(self.local([p[0] for p in scope] + names))
            arms.append((constructor, names, self.expression(scope + [(x, ("int", None)) for x in names], self.shape.inner)))
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
        if self.functions and roll < 0.35 + self.shape.calls:
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


class Writer:
    """Writes a program.  The templates below are what differs from language to language; a method that is written over is
    what no template can say."""

    OPERATORS = {}             # those that are spelled in another way
    NAMES = {}                 # the same
    FIELDS = PARAMETERS = ARGUMENTS = ", "
    PARAMETER = "{name}: {type}"
    CALL = "{name}({arguments})"
    CONSTRUCT = "{constructor}({payload})"
    CONSTANT = "{constructor}"     # without a payload
    HEAD = RUN_HEAD = ""           # RUN_: of a program that can be run

    def local(self, name):
        return self.NAMES.get(name, name)

    def type_name(self, type_):
        return type_["name"]

    def write(self, program, out):
        self.out = out
        out(self.RUN_HEAD if program.main else self.HEAD)
        for r in program.records:
            out(self.RECORD.format(name=self.type_name(r), fields=self.FIELDS.join(self.FIELD.format(self.local(f)) for f in r["fields"])))
        for v in program.variants:
            self.variant(self.type_name(v), v["constructors"])
        for f in program.functions:
            params = (self.PARAMETER.format(name=self.local(name), type=self.type_name(of) if of else self.INT)
                      for name, (_, of) in f["params"])
            out(self.FUNCTION.format(name=f["name"], params=self.PARAMETERS.join(params)))
            for name, value in f["lets"]:
                self.let(self.local(name), value)
            out(self.RESULT.format(self.show(f["result"])))
        self.main(program.main)

    def main(self, calls):
        if not calls:
            self.out(self.EMPTY_MAIN)
            return
        self.out(self.MAIN)
        for i, call in enumerate(calls):
            before, total = "0" if i == 0 else f"total_{i - 1}", f"total_{i}"  # where nothing can be assigned
            self.out(self.ADD.format(before=before, total=total, call=self.show(call), modulus=MODULUS))
        self.out(self.PRINT.format(total=total))

    def variant(self, name, constructors):
        self.out(self.VARIANT.format(name=name))
        for constructor, n in constructors:
            self.out(f"  | {constructor}" + (self.PAYLOAD.format(self.PAYLOADS.join([self.INT] * n)) if n else "") + "\n")

    def let(self, name, value):
        if value[0] == "match":
            self.match(name, value[1], value[2])
        elif value[0] == "if":
            condition, then, otherwise = map(self.show, value[1:])
            self.out(self.IF.format(name=name, condition=condition, then=then, otherwise=otherwise))
        else:
            self.out(self.LET.format(name=name, value=self.show(value)))

    def match(self, name, subject, arms):
        self.out(self.MATCH.format(name=name, subject=self.local(subject[0])))
        for constructor, names, body in arms:
            pattern = constructor + (f"({', '.join(map(self.local, names))})" if names else "")
            self.out(self.ARM.format(type=self.type_name(subject[1][1]), pattern=pattern, body=self.show(body)))
        self.out(self.MATCHED)

    def show(self, e):
        kind = e[0]
        if kind == "int":
            return str(e[1])
        if kind == "name":
            return self.local(e[1])
        if kind == "length":
            return self.LENGTH.format(e[1])
        if kind == "field":
            return f"{self.local(e[1])}.{self.local(e[2])}"
        if kind == "call":
            return self.CALL.format(name=e[1]["name"], arguments=self.ARGUMENTS.join(map(self.show, e[2])))
        if kind == "record":
            fields = (self.FIELD_VALUE.format(field=self.local(f), value=self.show(v)) for f, v in zip(e[1]["fields"], e[2]))
            return self.RECORD_VALUE.format(type=self.type_name(e[1]), fields=self.FIELD_VALUES.join(fields))
        if kind == "construct":
            form = self.CONSTRUCT if e[3] else self.CONSTANT
            return form.format(type=self.type_name(e[1]), constructor=e[2], payload=", ".join(map(self.show, e[3])))
        shown = f"{self.show(e[2])} {self.OPERATORS.get(e[1], e[1])} {self.show(e[3])}"
        return shown if kind == "compare" else f"({shown})"


class Pole(Writer):
    INT = "Int"
    RUN_HEAD = "extern printf: (String, ...) -> Int;\n\n"
    RECORD, FIELD = "type {name} = {{ {fields} }}\n", "{}: Int"
    VARIANT, PAYLOAD, PAYLOADS = "\ntype {name} =\n", "({})", ", "
    FUNCTION, RESULT = "\nfunc {name}({params}) -> Int :\n", "  {}\n"
    LET = "  let {name} = {value} in\n"
    IF = "  let {name} =\n    if {condition}\n    then {then}\n    else {otherwise}\n  in\n"
    MATCH, ARM, MATCHED = "  let {name} =\n    match {subject} with\n", "    | {pattern} -> {body}\n", "  in\n"
    EMPTY_MAIN = "\nfunc main() -> Int : 0\n"
    MAIN = "\nfunc main() -> Int :\n"
    ADD = "  let {total} = (({before} * 31) + {call}) % {modulus} in\n"
    PRINT = '  printf("%lld\\n", {total}); 0\n'
    LENGTH = 'String.length("{}")'
    FIELD_VALUE, FIELD_VALUES, RECORD_VALUE = "{field}: {value}", ", ", "{{ {fields} }}"


class OCaml(Writer):
    """Integers have 63 bits here; nothing else differs."""

    NAMES = {"done": "done_"}  # the one keyword among them
    OPERATORS = {"==": "=", "!=": "<>", "%": "mod"}
    INT = "int"
    RECORD, FIELD, FIELDS = "type {name} = {{ {fields} }}\n", "{}: int", "; "
    VARIANT, PAYLOAD, PAYLOADS = "\ntype {name} =\n", " of {}", " * "
    FUNCTION, PARAMETER, PARAMETERS, RESULT = "\nlet {name} {params} : int =\n", "({name} : {type})", " ", "  {}\n"
    LET, IF, MATCH, ARM, MATCHED = Pole.LET, Pole.IF, Pole.MATCH, Pole.ARM, Pole.MATCHED
    EMPTY_MAIN = ""
    MAIN = "\nlet () =\n  let total = 0 in\n"
    ADD = "  let total = ((total * 31) + {call}) mod {modulus} in\n"
    PRINT = '  Printf.printf "%d\\n" total\n'
    CALL, ARGUMENTS = "({name} {arguments})", " "
    CONSTRUCT, CONSTANT = "({constructor}({payload}))", "({constructor})"
    LENGTH = '(String.length "{}")'
    FIELD_VALUE, FIELD_VALUES, RECORD_VALUE = "{field} = {value}", "; ", "({{ {fields} }} : {type})"

    def type_name(self, type_):
        return type_["name"][0].lower() + type_["name"][1:]


class Rust(Writer):
    """Records and variants are copied, as elsewhere.  To be compiled with -C overflow-checks=off."""

    INT = "i64"
    HEAD = RUN_HEAD = "#![allow(warnings, arithmetic_overflow)]\n"
    RECORD, FIELD = "#[derive(Clone, Copy)]\npub struct {name} {{ {fields} }}\n", "{}: i64"
    FUNCTION, RESULT = "\npub fn {name}({params}) -> i64 {{\n", "    {}\n}}\n"
    LET = "    let {name}: i64 = {value};\n"
    IF = "    let {name}: i64 = if {condition} {{ {then} }} else {{ {otherwise} }};\n"
    MATCH, ARM, MATCHED = "    let {name}: i64 = match {subject} {{\n", "        {type}::{pattern} => {body},\n", "    };\n"
    MAIN = "\npub fn main() {\n    let mut total: i64 = 0;\n"
    EMPTY_MAIN = MAIN + "}\n"
    ADD = "    total = ((total * 31) + {call}) % {modulus};\n"
    PRINT = '    println!("{{}}", total);\n}}\n'
    LENGTH = '("{}".len() as i64)'
    CONSTRUCT, CONSTANT = "{type}::{constructor}({payload})", "{type}::{constructor}"
    FIELD_VALUE, FIELD_VALUES, RECORD_VALUE = "{field}: {value}", ", ", "{type} {{ {fields} }}"

    def variant(self, name, constructors):
        all_ = ", ".join(c + (f"({', '.join(['i64'] * n)})" if n else "") for c, n in constructors)
        self.out(f"#[derive(Clone, Copy)]\npub enum {name} {{ {all_} }}\n")


class C(Writer):
    """A variant is a tag and a union, a match a switch whose arms assign."""

    INT = "Int"
    HEAD = RUN_HEAD = "typedef long Int;\nunsigned long strlen(const char *);\nint printf(const char *, ...);\n"
    RECORD, FIELD, FIELDS = "typedef struct {{ {fields} }} {name};\n", "Int {};", " "
    FUNCTION, PARAMETER, RESULT = "\nInt {name}({params})\n{{\n", "{type} {name}", "  return {};\n}}\n"
    LET = "  Int {name} = {value};\n"
    IF = "  Int {name};\n  if ({condition})\n    {name} = {then};\n  else\n    {name} = {otherwise};\n"
    MAIN = "\nint main(void)\n{\n  Int total = 0;\n"
    EMPTY_MAIN = MAIN + "  return 0;\n}\n"
    ADD = "  total = ((total * 31) + {call}) % {modulus};\n"
    PRINT = '  printf("%ld\\n", total);\n  return 0;\n}}\n'
    LENGTH = '(Int)strlen("{}")'
    CONSTRUCT = "({type}){{ .tag = {constructor}_tag, .as.{constructor} = {{ {payload} }} }}"
    CONSTANT = "({type}){{ .tag = {constructor}_tag }}"
    FIELD_VALUE, FIELD_VALUES, RECORD_VALUE = "{value}", ", ", "({type}){{ {fields} }}"

    def assigned(self, name, arms):
        return name + "_" if any(name in names for _, names, _ in arms) else name  # an arm's own variable may hide it

    def variant(self, name, constructors):
        self.out("\nenum { " + ", ".join(f"{c}_tag" for c, _ in constructors) + " };\n")
        payload = " ".join(f"struct {{ {' '.join(f'Int p{i};' for i in range(n))} }} {c};" for c, n in constructors if n)
        self.out(f"typedef struct {{ int tag; {f'union {{ {payload} }} as; ' if payload else ''}}} {name};\n")

    def match(self, name, subject, arms):
        target = self.assigned(name, arms)
        self.out(f"  Int {target};\n  switch ({subject[0]}.tag) {{\n")
        for i, (constructor, names, body) in enumerate(arms):
            label = "default" if i == len(arms) - 1 else f"case {constructor}_tag"
            bind = "".join(f"Int {x} = {subject[0]}.as.{constructor}.p{i}; " for i, x in enumerate(names))
            self.out(f"  {label}: {{ {bind}{target} = {self.show(body)}; break; }}\n")
        self.out("  }\n" + (f"  Int {name} = {target};\n" if target != name else ""))


class Go(C):
    """A variant is an interface, a match a switch over types.  Unused variables are errors, so each is named once more."""

    INT = "int"
    HEAD = "package main\n\nfunc variable(n int) int { return n }\n"
    RUN_HEAD = HEAD.replace("\n\n", '\n\nimport "fmt"\n\n')
    RECORD, FIELD, FIELDS = "\ntype {name} struct {{ {fields} }}\n", "{} int", "; "
    FUNCTION, PARAMETER, RESULT = "\nfunc {name}({params}) int {{\n", "{name} {type}", "\treturn {}\n}}\n"
    LET = "\t{name} := {value}\n\t_ = {name}\n"
    IF = "\tvar {name} int\n\tif {condition} {{\n\t\t{name} = {then}\n\t}} else {{\n\t\t{name} = {otherwise}\n\t}}\n\t_ = {name}\n"
    EMPTY_MAIN = "\nfunc main() {\n}\n"
    MAIN = "\nfunc main() {\n\ttotal := 0\n"
    ADD = "\ttotal = ((total * 31) + {call}) % {modulus}\n"
    PRINT = "\tfmt.Println(total)\n}}\n"
    LENGTH = 'len("{}")'
    CONSTRUCT = CONSTANT = "({constructor}{{{payload}}})"
    RECORD_VALUE = "({type}{{{fields}}})"

    def variant(self, name, constructors):
        self.out(f"\ntype {name} interface {{ is{name}() }}\n")
        for constructor, n in constructors:
            self.out(f"type {constructor} struct {{ {'; '.join(f'p{i} int' for i in range(n))} }}\n")
            self.out(f"func ({constructor}) is{name}() {{}}\n")

    def match(self, name, subject, arms):
        bound = "bound := " if any(names for _, names, _ in arms) else ""
        target = self.assigned(name, arms)
        self.out(f"\tvar {target} int\n\tswitch {bound}{subject[0]}.(type) {{\n")
        for constructor, names, body in arms:
            self.out(f"\tcase {constructor}:\n")
            for i, x in enumerate(names):
                self.out(f"\t\t{x} := bound.p{i}\n\t\t_ = {x}\n")
            self.out(f"\t\t{target} = {self.show(body)}\n")
        self.out("\t}\n" + (f"\t{name} := {target}\n" if target != name else "") + f"\t_ = {name}\n")

    def is_constant(self, e):
        return e[0] in ("int", "length") or e[0] == "binary" and self.is_constant(e[2]) and self.is_constant(e[3])

    def show(self, e):
        if e[0] == "binary" and self.is_constant(e):  # Go lets no constant overflow
            left = self.show(e[2])
            return f"({left if e[2][0] == 'binary' else f'variable({left})'} {e[1]} {self.show(e[3])})"
        return super().show(e)


WRITERS = {"pole": Pole, "c": C, "ocaml": OCaml, "go": Go, "rust": Rust}
sys.setrecursionlimit(10000)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--functions", type=int, default=10000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--language", choices=WRITERS, default="pole")
    arguments.add_argument("--shape", choices=SHAPES, default="long")
    arguments.add_argument("--run", action="store_true", help="a program that can be run; it prints the same in every language")
    arguments.add_argument("-o", dest="output", default="-")
    given = arguments.parse_args()
    program = Program(given.functions, given.seed, given.run, given.shape)
    out = sys.stdout if given.output == "-" else open(given.output, "w")
    with out:
        WRITERS[given.language]().write(program, out.write)


if __name__ == "__main__":
    main()
