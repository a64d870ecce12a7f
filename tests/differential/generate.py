"""
Makes random well-typed programs: types, patterns, expressions and functions come from a class each, put together here.

A section that stops the program is kept only as the last.
"""
import random

from evaluate import Evaluator, Stop, TooLong
from random_expressions import RandomExpressions
from random_functions import RandomFunctions
from random_patterns import RandomPatterns
from random_types import RandomTypes
from vocabulary import *


class Generator(RandomTypes, RandomPatterns, RandomExpressions, RandomFunctions):
    def __init__(self, seed, trap=False, contracts=True, sections=8, size=4):
        self.rng = random.Random(seed)
        self.seed, self.trap, self.contracts, self.size = seed, trap, contracts, size
        self.n_sections = sections
        self.types, self.functions = [], [PRINTF]
        self.decls, self.aliases = {}, {}
        self.shows, self.traces, self.counter = {}, {}, 0
        self.n_traces = 0
        self.tests, self.signatures = [], {}

    # ---- chance ----

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, items):
        return self.rng.choice(items)

    def weighted(self, pairs):
        return self.rng.choices([p[0] for p in pairs], [p[1] for p in pairs])[0]

    def fresh(self, prefix):
        self.counter += 1
        return f'{prefix}{self.counter}'

    def local(self, taken=()):
        while True:
            name = self.pick(LOCALS)
            if name not in taken:
                return name

    # ---- the whole ----

    def split(self, types, functions):
        """Spreads declarations over files that import each other; what each calls the others."""
        others = self.rng.sample(['util', 'Lib', 'more_2'], self.pick([1, 1, 2]))
        modules = {}
        for d in [*types, *functions]:
            module = getattr(d, 'module', None)
            d.file = modules.setdefault(module, self.pick(['p', *others])) if module else self.pick(['p', *others])
        names = {}
        for f in functions:     # one name in two files
            if not f.module and not f.extern and f.file != 'p' and self.chance(.2):
                names.setdefault(f.file, f.name)
        for file, name in names.items():
            same = [f for f in functions if f.file == 'p' and not f.module and not f.extern and not f.section]
            if same and not any(f.name == name for f in functions if f.file == 'p' or f.module):
                self.pick(same).name = name
        files = ['p', *others]
        return {(a, b): self.pick([b, b, b.upper() + '_', 'In' + b]) for a in files for b in files if a != b}

    def signature(self, module, functions):
        members = [f for f in functions if f.module == module and not f.tparams and self.chance(.7)]
        if not members:
            return
        types = [p.type for f in members for p in f.params if p.type[0] not in ('Unit', 'Fun', 'Map', 'Nat', 'Alias')]
        self.signatures[module] = Signature('Sig' + module, self.pick(types) if types and self.chance(.4) else None, members)

    def value_node(self, v, t):
        """An expression for a value; NotPossible where there is no simple one."""
        t = plain(t, self.aliases)
        k = t[0]
        if k in ('Int', 'Nat'):
            return Int(v)
        if k == 'Bool':
            return Bool(v)
        if k == 'String':
            return Str(v)
        if k == 'Unit':
            return Unit()
        if k == 'Tuple':
            return Tuple([self.value_node(part, p) for part, p in zip(v, t[1])])
        if k == 'List':
            return ListOf([self.value_node(part, t[1]) for part in v])
        if k in ('Option', 'Result', 'Var'):
            con, payload = next((c, p) for c, p in self.constructors_of(t) if c.name == v.name)
            if not payload:
                return Global(con)
            return Call(Global(con), [[self.value_node(part, p) for part, p in zip(v.items, payload)]])
        if k == 'Rec':
            return Record([(label, self.value_node(v[label], p)) for label, p in self.fields_of(t)], self.decls[t[1]])
        raise NotPossible

    def make_tests(self, functions):
        candidates = [f for f in functions if f.file == 'p' and not f.extern and not f.section and not f.tparams and f.name != 'main'
                      and not any(contains(plain(p.type, self.aliases), ('Map', 'Fun', 'TP'), self.decls) for p in f.params)]
        last = {f.module: f for f in functions if f.module}
        for _ in range(self.rng.randint(1, 8) if candidates else 0):
            f = self.pick(candidates)
            c = Ctx({}, f, f.module)
            try:
                lone_unit = len(f.params) == 1 and plain(f.params[0].type, self.aliases) == UNIT
                inputs = [Unit()] if lone_unit else self.call_arguments(f, {}, c, 2)
                if any(any(isinstance(e, Global) and isinstance(e.target, Function) for e in walk(i)) for i in inputs):
                    continue
                evaluator = Evaluator(self.aliases, self.trap, self.contracts)
                expected = None
                try:
                    value = evaluator.evaluate(Call(Global(f), [inputs]), {})
                    if self.chance(.8) and self.comparable(plain(f.result, self.aliases)):
                        expected = self.value_node(value, f.result) if self.chance(.75) else \
                            self.construct(plain(f.result, self.aliases), c, True, 1)
                except Stop:
                    pass
            except (NotPossible, TooLong, RecursionError):
                continue
            labels = [p.name for p in f.params]
            by_name = len(labels) > 1 and len(set(labels)) == len(labels) and not {'_', 'input', 'expected'} & set(labels) and self.chance(.4)
            self.tests.append(Test(f, inputs, expected, by_name, f.module is not None and last[f.module] is f and self.chance(.6)))
        if self.chance(.3):
            e = self.expr(BOOL, Ctx(), 3, True)
            known = set(map(id, functions))
            there = all(id(x.target) in known for x in walk(e) if isinstance(x, Global) and isinstance(x.target, Function))
            if there and self.runs(e) != 'long':
                self.tests.append(Test(None, [], e))

    def program(self):
        self.declare_types()
        self.templates()
        calls = []
        end = []
        tries = 0
        while len(calls) < self.n_sections and tries < 3 * self.n_sections:
            tries += 1
            mark = len(self.functions), dict(self.shows), dict(self.traces)
            try:
                if not tries % 4 and self.chance(.5) and not any(f.name == 'calloc' for f in self.functions):
                    self.c_memory()
                self.helpers()
                f = self.section(len(calls))
            except NotPossible:
                how = 'long'
            else:
                how = self.runs(Call(Global(f), [[]]))
            if how == 'stops' and len(calls) >= self.n_sections - 2:
                end = [f]
                calls.append(f)
                break
            if how != 'fine':
                del self.functions[mark[0]:]
                self.shows, self.traces = mark[1], mark[2]
                continue
            calls.append(f)
        statements = []
        for f in calls:
            statements.append(Call(Global(Builtin('println', 'println', 1)), [[Str(f.name.encode())]]))
            statements.append(Call(Global(PRINTF), [[Str(b'-> %ld\n'), Call(Global(f), [[]])]]))
        main = Function('main', [], [], INT, chain(statements, Int(self.rng.randint(0, 255))))
        functions = [f for f in self.functions if f.module is None]
        modules = {}
        for f in self.functions:
            if f.module:
                modules.setdefault(f.module, []).append(f)
        groups = [[f] for f in functions] + list(modules.values())
        if self.chance(.5):
            self.rng.shuffle(groups)
        functions = [f for g in groups for f in g]
        imports = self.split(self.types, functions) if self.chance(.25) else {}
        for module in modules:
            if self.chance(.4):
                self.signature(module, functions)
        if self.chance(.4):
            mark = len(self.functions)
            self.make_tests(functions)
            functions += self.functions[mark:]      # what they trace
        style = 'wild' if self.chance(.15) else 'plain'
        return Program(self.types, functions, main, self.seed, style, [], imports, self.signatures, self.tests)
