"""Makes random well-typed programs.

Expressions are made from the wanted type downwards.  `known` says that the compiler has been told the type by then;
where it has not, anything that does not tell its own type ([], None, a lambda, an ambiguous record) gets an annotation.
A section is a function whose output main() shows; the evaluator runs it at once, and one that stops the program
is kept only as the last.
"""
import random
from itertools import zip_longest

from evaluate import Evaluator, Stop, TooLong, Variant
from tree import *

INTS = [0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 63, 64, 100, 255, 256, 1000, -1, -2, -3, -7, -10, -128]
BIG_INTS = [2**31 - 1, 2**31, 2**32, -2**31, -2**31 - 1, 2**53 + 1, 2**62, 2**63 - 1, -2**63, -2**63 + 1, 3037000500, 123456789012345]
FLOATS = ['0.0', '1.0', '0.5', '2.25', '1.5e3', '1.0E2', '2.5e-3', '7.0e+1', '-1.0', '-0.0', '-2.5', '0.1', '3.141592653589793',
          '1.0e300', '1.0e-300', '9007199254740993.0', '1.7976931348623157e308', '5.0e-324', '9223372036854775807.0', '1.0e-400']
STRINGS = ['', 'a', 'b', 'ab', 'ba', 'abc', 'aab', 'hello', 'a b', 'x\n', 'tab\there', 'q"uote', 'back\\slash', 'äöü', '€', 'naïve ä',
           'a\0b', '\0', 'cr\r', '100%', '// no', '/* no */', 'ab\nab', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz']
LOCALS = ['a', 'b', 'c', 'd', 'e', 'x', 'y', 'z', 'n', 'm', 'xs', 'acc', 'r', 'value', 'result', 'rest_', '_u', 'where']
BUILTINS = {    # what it does: arity and names
    'println': (1, ['print', 'println']),
    'string_length': (1, ['String.length', 'String_length']), 'contains': (2, ['String.contains', 'String_contains']),
    'get': (2, ['List.get', 'List_get', 'list_get']), 'get_or': (3, ['List.get', 'List_get', 'list_get']),
    'set': (3, ['List.set', 'List_set', 'list_set']), 'push': (2, ['List.push', 'List_push', 'list_push']),
    'length': (1, ['List.length', 'List_length', 'list_length']), 'concat': (1, ['List.concat', 'List_concat', 'list_concat']),
    'new': (0, ['List.new', 'List_new', 'list_new']), 'map_new': (1, ['HashMap.new', 'HashMap_new']),
    'map_put': (3, ['HashMap.put', 'HashMap_put']), 'map_get': (2, ['HashMap.get', 'HashMap_get']),
    'map_size': (1, ['HashMap.size', 'HashMap_size']), 'map_contains': (2, ['HashMap.contains', 'HashMap_contains']),
    'map_find': (2, ['HashMap.find', 'HashMap_find']), 'to_float': (1, ['int_to_float']), 'to_int': (1, ['float_to_int']),
    'err_to_list': (1, ['Result.err_to_list']), 'is_null': (1, ['is_null']), 'ptr_to_string': (1, ['ptr_to_string']),
}
PTR = ('Ptr', UNIT)


def extern(name, result, **params):
    return Function(name, [], [Param(label, t) for label, t in params.items()], result, None, extern=True)


PRINTF = extern('printf', INT, format=STRING)
EXTERNS = {f.name: f for f in [
    PRINTF, extern('sprintf', INT, to=PTR, format=STRING), extern('calloc', PTR, n=INT, size=INT), extern('free', UNIT, p=PTR),
    extern('strlen', INT, s=STRING), extern('toupper', INT, c=INT), extern('atoi', INT, s=STRING), extern('labs', INT, n=INT),
    *[extern(f'pole_write_{kind}', UNIT, p=PTR, v=INT) for kind in ('i32', 'i64')],
    *[extern(f'pole_write_{kind}_at', UNIT, p=PTR, off=INT, v=INT) for kind in ('i16', 'i32')],
    *[extern(f'pole_read_{kind}', INT, p=PTR) for kind in ('i32', 'i64')],
    *[extern(f'pole_read_{kind}_at', INT, p=PTR, off=INT) for kind in ('i32', 'i64')],
]}


def chain(statements, last):
    """Statements are nodes, or functions from the rest to a node (a let)."""
    for s in reversed(statements):
        last = s(last) if callable(s) else Seq(s, last)
    return last


class Ctx:
    """Where an expression stands: what is in scope."""

    def __init__(self, vars=(), function=None, module=None, self_call=None):
        self.vars, self.function, self.module, self.self_call = dict(vars), function, module, self_call

    def with_vars(self, more, self_call='same'):
        new = Ctx({**{n: t for n, t in self.vars.items() if n not in more}, **more}, self.function, self.module, self.self_call)
        if self_call != 'same' or (self.self_call and self.self_call[1] in more):
            new.self_call = None if self_call == 'same' else self_call
        return new


class Generator:
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

    # ---- types ----

    def base(self):
        return self.weighted([(INT, 8), (FLOAT, 3), (BOOL, 4), (STRING, 3), (UNIT, .5)])

    def type(self, d=2, functions=False, tps=()):
        if tps and self.chance(.3):
            return self.pick(tps)
        if d <= 0 or self.chance(.35):
            return self.base()
        sub = lambda: self.type(d - 1, functions, tps)
        kind = self.weighted([('List', 4), ('Option', 3), ('Result', 1.5), ('Tuple', 3), ('Rec', 4), ('Var', 5), ('Anon', .7),
                              ('Fun', 2 if functions else 0)])
        if kind in ('List', 'Option'):
            return (kind, sub())
        if kind == 'Result':
            return (kind, sub(), sub())
        if kind == 'Tuple':
            return (kind, tuple(sub() for _ in range(self.pick([2, 2, 2, 3, 4]))))
        if kind == 'Anon':
            return (kind, tuple((f'anon{i}', self.base()) for i in range(self.pick([1, 2, 3]))))
        if kind == 'Fun':
            return self.function_type(tps)
        decls = [x for x in self.types if isinstance(x, RecordDecl if kind == 'Rec' else VariantDecl)]
        if not decls:
            return self.base()
        decl = self.pick(decls)
        return (kind, decl.name, tuple(sub() if functions is False else self.type(d - 1, False, tps) for _ in decl.tparams))

    def function_type(self, tps=()):
        params = tuple(self.type(1, False, tps) for _ in range(self.pick([1, 1, 1, 2, 2, 3])))
        return ('Fun', params, self.type(1, False, tps))

    def spell(self, t):
        """The type as a program may write it: through an alias, or with Nat where that means nothing."""
        if self.chance(.15):
            for decl in self.aliases.values():
                bindings = {}
                if (decl.type == NAT) == (t == NAT) and self.fit(decl.type, t, bindings) and len(bindings) == len(decl.tparams):
                    return ('Alias', decl.name, tuple(self.spell(bindings[p]) for p in decl.tparams))
        if t[0] in ('List', 'Option') and t[1] == INT and self.chance(.08):
            return (t[0], NAT)
        return map_type(t, self.spell)

    def fit(self, pattern, t, bindings):
        """Does t come out of the pattern with some types for its parameters?"""
        if pattern[0] == 'TP':
            return bindings.setdefault(pattern[1], t) == t
        if pattern == NAT or pattern == INT:
            return t in (INT, NAT)
        if pattern[0] != t[0] or (pattern[0] in ('Rec', 'Var', 'Alias') and pattern[1] != t[1]):
            return False
        if pattern[0] == 'Anon' and [label for label, _ in pattern[1]] != [label for label, _ in t[1]]:
            return False
        if pattern[0] == 'Fun' and len(pattern[1]) != len(t[1]):
            return False
        a, b = parts(pattern), parts(t)
        return len(a) == len(b) and all(self.fit(p, q, bindings) for p, q in zip(a, b))

    def comparable(self, t):
        return not contains(t, ('Fun', 'Map'), self.decls)

    def declare_types(self):
        r = self.rng
        for _ in range(r.randint(2, 4)):
            name = self.fresh('R')
            tparams = self.pick([[], [], ['T'], ['A', 'B']])
            prefix = self.pick(['', '', 'f', name.lower()])
            labels = r.sample(['x', 'y', 'name', 'end', 'type', 'count', 'left', 'right'], r.randint(1, 4))
            labels = [prefix + ('_' if prefix else '') + x for x in labels]
            fields = [FieldDecl(label, NAT if self.chance(.12) else self.type(1)) for label in labels]
            for i, p in enumerate(tparams):
                if i < len(fields):
                    fields[i].type = ('TP', p) if self.chance(.7) else ('List', ('TP', p))
                else:
                    fields.append(FieldDecl(f'{name.lower()}_{p.lower()}', ('TP', p)))
            r.shuffle(fields)
            self.declare(RecordDecl(name, tparams, fields))
        for _ in range(r.randint(2, 4)):
            name = self.fresh('V')
            tparams = self.pick([[], [], [], ['T'], ['A', 'B']])
            kind = self.pick(['enum', 'plain', 'plain', 'recursive', 'recursive'])
            me = ('Var', name, tuple(('TP', p) for p in tparams))
            constructors = []
            for i in range(r.randint(1, 5)):
                payload = [] if kind == 'enum' else [Payload(NAT if self.chance(.1) else self.type(1, self.chance(.15)))
                                                     for _ in range(r.choice([0, 1, 1, 2, 3]))]
                constructors.append(Constructor(f'{self.pick(["C", "Make", "K"])}{name}{"abcdefg"[i]}', payload))
            if len(constructors) == 1 and not constructors[0].payload and kind != 'enum':
                constructors[0].payload.append(Payload(INT))
            for i, p in enumerate(tparams):
                constructors[i % len(constructors)].payload.append(Payload(('TP', p)))
            if kind == 'recursive':
                again = r.choice([[me], [me, me], [INT, me], [('List', me)], [('Option', me), INT], [('Tuple', (INT, me))]])
                constructors.append(Constructor('Rec' + name, [Payload(p) for p in again]))
            r.shuffle(constructors)
            if all(any(contains(p.type, ('Var',)) and p.type[1] == name or contains(p.type, ('Tuple',)) for p in c.payload)
                   for c in constructors):
                constructors.append(Constructor('Leaf' + name, []))
            decl = VariantDecl(name, tparams, constructors)
            for c in constructors:
                c.decl = decl
            self.declare(decl)
        for _ in range(r.randint(1, 3)):
            name = self.fresh('Alias')
            if self.chance(.3):
                decl = AliasDecl(name, ['T'], r.choice([('List', ('TP', 'T')), ('Tuple', (('TP', 'T'), INT)), ('Option', ('TP', 'T')),
                                                        ('Fun', (('TP', 'T'),), ('TP', 'T'))]))
            else:
                t = self.type(2)
                if t[0] == 'Anon':      # in a declaration that is a record with a name of its own
                    t = ('List', t)
                decl = AliasDecl(name, [], r.choice([INT, NAT, ('Fun', (INT,), INT), t]))
            self.types.append(decl)
            self.aliases[name] = decl
        r.shuffle(self.types)

    def declare(self, decl):
        self.types.append(decl)
        self.decls[decl.name] = decl

    def fields_of(self, t):
        """(label, type) of a record type."""
        if t[0] == 'Anon':
            return list(t[1])
        decl = self.decls[t[1]]
        bindings = dict(zip(decl.tparams, t[2]))
        return [(f.label, substitute(f.type, bindings)) for f in decl.fields]

    def constructors_of(self, t):
        """(constructor, payload types) of a type that is matched by constructors."""
        if t[0] == 'Option':
            return [(SOME, [t[1]]), (NONE, [])]
        if t[0] == 'Result':
            return [(OK, [t[1]]), (ERR, [t[2]])]
        decl = self.decls[t[1]]
        bindings = dict(zip(decl.tparams, t[2]))
        return [(c, [substitute(p.type, bindings) for p in c.payload]) for c in decl.constructors]

    # ---- patterns ----

    def simple_pattern(self, t, binds):
        """One that always matches."""
        if self.chance(.3):
            return PWild()
        if t[0] == 'Tuple' and self.chance(.3):
            return PTuple([self.simple_pattern(p, binds) for p in t[1]])
        if t[0] in ('Rec', 'Anon') and self.chance(.3):
            return self.record_pattern(self.fields_of(t), lambda label, p: self.simple_pattern(p, binds), binds)
        if t[0] == 'Var' and len(self.decls[t[1]].constructors) == 1 and self.chance(.4):
            c, payload = self.constructors_of(t)[0]
            return PCon(c.name, [self.simple_pattern(p, binds) for p in payload])
        if t == UNIT and self.chance(.2):
            return PConst(Unit())
        if len(binds) > 12:
            return PWild()
        name = self.local(binds)
        binds[name] = t
        return PVar(name)

    def record_pattern(self, fields, sub, binds, must=None):
        shown = [f for f in fields if f[0] == must or self.chance(.7)]
        shown = shown or [fields[0]]
        full = len(shown) == len(fields)
        if self.chance(.3):
            self.rng.shuffle(shown)
        out = []
        for label, t in shown:
            if label != must and label not in binds and label not in ('end', 'type') and self.chance(.3) and len(binds) < 12:
                binds[label] = t
                out.append((label, None))
            else:
                out.append((label, sub(label, t)))
        return PRecord(out, not full or self.chance(.1))

    def constant_pattern(self, t):
        if t == UNIT:
            return PConst(Unit())
        node = self.literal(t)
        return PConst(node)

    def some_pattern(self, t, binds, d):
        """One that may fail."""
        k = t[0]
        if d <= 0 or self.chance(.25) or k in ('Fun', 'Map', 'TP'):
            return self.simple_pattern(t, binds)
        sub = lambda p: self.some_pattern(p, binds, d - 1)
        if k in ('Int', 'Nat', 'Float64', 'Bool', 'String', 'Unit'):
            return self.constant_pattern(t)
        if k == 'Tuple':
            return PTuple([sub(p) for p in t[1]])
        if k in ('Rec', 'Anon'):
            return self.record_pattern(self.fields_of(t), lambda label, p: sub(p), binds)
        if k == 'List':
            if self.chance(.5):
                return PCon('Cons', [sub(t[1]), sub(t)])
            return PList([sub(t[1]) for _ in range(self.pick([0, 1, 1, 2, 3]))])
        c, payload = self.pick(self.constructors_of(t))
        return PCon(c.name, [sub(p) for p in payload])

    def cover(self, t, d, binds=None):
        """Patterns that together match every value of the type: (pattern, what it binds)."""
        k = t[0]
        out = []
        binds = binds or {}
        if d <= 0 or self.chance(.2) or k in ('Fun', 'Map', 'TP'):
            b = dict(binds)
            return [(self.simple_pattern(t, b), b)]
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            b = dict(binds)
            out.append((self.some_pattern(t, b, d), b))
        if k in ('Int', 'Nat', 'Float64', 'String'):
            for _ in range(self.rng.randint(1, 3)):
                out.append((self.constant_pattern(t), dict(binds)))
            b = dict(binds)
            name = self.local(b)
            if self.chance(.6):
                b[name] = t
                out.append((PVar(name), b))
            else:
                out.append((PWild(), b))
        elif k == 'Bool':
            both = [(PConst(Bool(True)), dict(binds)), (PConst(Bool(False)), dict(binds))]
            self.rng.shuffle(both)
            out += both
        elif k == 'Unit':
            out.append((PConst(Unit()), dict(binds)))
        elif k == 'Tuple':
            out += [(PTuple(ps), b) for ps, b in self.cover_several(t[1], d, binds)]
        elif k in ('Rec', 'Anon'):
            fields = self.fields_of(t)
            must, chosen = self.pick(fields)
            for p, b in self.cover(chosen, d - 1, binds):
                out.append((self.record_pattern(fields, lambda label, q: p if label == must else self.simple_pattern(q, b), b, must), b))
        elif k == 'List':
            n = self.pick([0, 0, 1, 2])
            rows = []
            for length in range(n + 1):
                for ps, b in self.cover_several([t[1]] * length, d - 1, binds):
                    rows.append((PList(ps) if length or self.chance(.8) else PCon('Nil', []), b))
            for ps, b in self.cover_several([t[1]] * (n + 1) + [t], d - 1, binds):
                p = ps[-1]
                for item in reversed(ps[:-1]):
                    p = PCon('Cons', [item, p])
                rows.append((p, b))
            if self.chance(.5):
                rows.reverse()
            out += rows
        else:
            rows = []
            for c, payload in self.constructors_of(t):
                rows.append([(PCon(c.name, ps), b) for ps, b in self.cover_several(payload, d - 1, binds)])
            self.rng.shuffle(rows)
            for row in rows:
                out += row
        if len(out) > 14:
            del out[13:]
            b = dict(binds)
            out.append((self.simple_always(t, b), b))
        return out

    def simple_always(self, t, b):
        return PWild() if len(b) > 10 else self.simple_pattern(t, b)

    def cover_several(self, types, d, binds):
        """The same for a row: one of them is split, the others match anything."""
        if not types:
            return [([], dict(binds))]
        split = self.rng.randrange(len(types))
        out = []
        for p, b in self.cover(types[split], d - 1, binds):
            out.append(([p if i == split else self.simple_pattern(t, b) for i, t in enumerate(types)], b))
        return out

    # ---- leaves ----

    def literal(self, t):
        k = t[0]
        if k == 'Int':
            return Int(self.pick(BIG_INTS) if self.chance(.12) else self.pick(INTS))
        if k == 'Nat':
            return Int(abs(self.pick(INTS)))
        if k == 'Float64':
            return Float(self.pick(FLOATS))
        if k == 'Bool':
            return Bool(self.chance(.5))
        if k == 'String':
            return Str(self.pick(STRINGS).encode())
        return Unit()

    def ascribed(self, e, t, known):
        if not known:
            e = Ascribe(e, self.spell(t))
        e.t = t
        return e

    def builtin(self, key, arguments, c, split=False):
        arity, names = BUILTINS[key]
        name = self.pick(names)
        return self.call_node(Global(Builtin(name, key, arity)), arguments, split)

    def call_node(self, head, arguments, split=True):
        arguments = list(arguments)
        if len(arguments) > 1 and split and self.chance(.15):
            lists, at = [], 0
            while at < len(arguments):
                n = self.rng.randint(1, len(arguments) - at)
                lists.append(arguments[at:at + n])
                at += n
            return Call(head, lists)
        return Call(head, [arguments], juxtaposed=bool(arguments) and self.chance(.2))

    def minimal(self, t):
        """A small closed value, its type not told to the compiler."""
        return self.leaf(t, Ctx(), False)

    def leaf(self, t, c, known, d=0):
        """Something small: a variable, or a value put together from leaves."""
        names = [n for n, u in c.vars.items() if self.same(u, t)]
        if names and (self.chance(.75) or t[0] == 'TP'):
            return Var(self.pick(names))
        return self.construct(t, c, known, d)

    @staticmethod
    def same(a, b):
        return a == b or (a in (INT, NAT) and b in (INT, NAT))

    def construct(self, t, c, known, d):
        """The type's own syntax, with parts of depth d - 1."""
        k = t[0]
        sub = lambda p, known=known: self.expr(p, c, d - 1, known)
        if k in ('Int', 'Nat', 'Float64', 'Bool', 'String', 'Unit'):
            return self.literal(t)
        if k == 'Tuple':
            return Tuple([sub(p) for p in t[1]])
        if k == 'List':
            n = self.pick([0, 1, 2, 2, 3, 4]) if d > 0 else self.pick([0, 1, 2])
            if n == 0:
                empty = ListOf([]) if self.chance(.6) else Global(NIL) if self.chance(.5) else self.builtin('new', [], c)
                return self.ascribed(empty, t, known)
            if self.chance(.15):
                return self.call_node(Global(CONS), [sub(t[1]), sub(t, True)], False)
            return ListOf([sub(t[1], known or i > 0) for i in range(n)])
        if k in ('Rec', 'Anon'):
            return self.record(t, c, known, d)
        if k == 'Map':
            size = Int(self.pick([0, 1, 8, 100]))
            return self.ascribed(self.builtin('map_new', [size], c), t, known)
        if k == 'Fun':
            return self.lambda_(t, c, known, d)
        if k == 'TP':
            raise NotPossible
        choices = self.constructors_of(t)
        if d <= 0:      # away from the recursive ones
            flat = [x for x in choices if not any(contains(p, ('Var',)) for p in x[1])]
            choices = flat or choices
        if d < -6:
            raise NotPossible
        con, payload = self.pick(choices)
        decided = not con.decl and con is SOME or (con.decl and not con.decl.tparams)
        generic = not con.decl or con.decl.tparams
        wrap = not known and not decided
        if not payload:
            e = Global(con)
        else:
            e = self.call_node(Global(con), [sub(p, (known or wrap) if generic else True) for p in payload], not generic)
        return self.ascribed(e, t, not wrap)

    def record(self, t, c, known, d):
        fields = self.fields_of(t)
        decl = None
        wrap = False
        generic = False
        if t[0] == 'Rec':
            decl = self.decls[t[1]]
            same = [x for x in self.decls.values() if isinstance(x, RecordDecl) and {f.label for f in x.fields} == {l for l, _ in fields}]
            generic = bool(decl.tparams)
            wrap = not known and (len(same) > 1 or generic and self.chance(.3))
        self.rng.shuffle(fields)
        e = Record([(label, self.expr(p, c, d - 1, known or wrap or (decl is not None and not generic))) for label, p in fields], decl)
        return self.ascribed(e, t, not wrap)

    def lambda_(self, t, c, known, d):
        _, params, result = t
        names, binds, out = [], {}, []
        for p in params:
            name = '_' if self.chance(.08) else self.local(binds)
            if name != '_':
                binds[name] = p
            out.append(Param(name, None if name == '_' or (known and self.chance(.6)) else self.spell(p)))
            if name == '_' and not known:
                out[-1] = Param('_', None)
                out[-1].name = self.local(binds)
                binds[out[-1].name] = p
                out[-1].type = self.spell(p)
        inner = c.with_vars(binds, None)
        if len(params) > 1 and self.chance(.15):     # \x -> \y -> ... is \x y -> ...
            return Lambda(out[:1], Lambda(out[1:], self.expr(result, inner, d - 1, known)))
        return Lambda(out, self.expr(result, inner, d - 1, known))

    # ---- expressions ----

    def expr(self, t, c, d, known):
        e = self.untyped_expr(t, c, d, known)
        if e.t is None:
            e.t = t
        return e

    def untyped_expr(self, t, c, d, known):
        if d <= 0 or self.chance(.12):
            return self.leaf(t, c, known, d)
        ways = [(self.construct_way, 5), (self.var_way, 3), (self.if_way, 3), (self.let_way, 3.5), (self.match_way, 4), (self.seq_way, 1),
                (self.call_way, 5), (self.value_call_way, 3), (self.field_way, 2), (self.get_way, 1.5), (self.ascribe_way, .6),
                (self.immediate_way, .8), (self.lazy_way, .5), (self.map_way, 1)]
        k = t[0]
        if k in ('Int', 'Nat', 'Float64', 'Bool'):
            ways.append(({'Int': self.int_way, 'Nat': self.nat_way, 'Float64': self.float_way, 'Bool': self.bool_way}[k], 12))
        if k == 'List':
            ways.append((self.list_way, 5))
        if k == 'Fun':
            ways.append((self.function_way, 6))
        if k in ('Int', 'Bool', 'String'):
            ways.append((self.trace_way, 1.5))
        while True:
            way = self.weighted(ways)
            try:
                e = way(t, c, d, known)
            except NotPossible:
                e = None
            if e is not None:
                return e
            ways = [w for w in ways if w[0] != way]
            if not ways:
                return self.leaf(t, c, known, 0)

    def construct_way(self, t, c, d, known):
        return self.construct(t, c, known, d)

    def var_way(self, t, c, d, known):
        names = [n for n, u in c.vars.items() if self.same(u, t)]
        return Var(self.pick(names)) if names else None

    def if_way(self, t, c, d, known):
        cond = self.expr(BOOL, c, d - 1, True)
        return If(cond, self.expr(t, c, d - 1, known), self.expr(t, c, d - 1, True))

    def let_way(self, t, c, d, known):
        value_type = self.type(2, True) if self.chance(.6) or not c.vars else self.pick(list(c.vars.values()))
        if value_type[0] == 'TP' and not any(u == value_type for u in c.vars.values()):
            value_type = INT
        pattern, binds, ann, value = self.let_value(value_type, c, d)
        return Let(pattern, ann, value, self.expr(t, c.with_vars(binds), d - 1, known))

    def let_value(self, value_type, c, d):
        ann = None
        if value_type in (INT, NAT) and self.chance(.2):
            value_type = ann = NAT
        elif self.chance(.3):
            ann = self.spell(value_type)
        value = self.expr(value_type, c, d - 1, ann is not None)
        binds = {}
        if self.chance(.75):
            name = self.local()
            pattern, binds = PVar(name), {name: value_type}
        else:
            pattern = self.simple_pattern(value_type, binds)
        if ann is None and value_type == NAT:
            binds = {n: INT if u == NAT else u for n, u in binds.items()}
        return pattern, binds, ann, value

    def lazy_way(self, t, c, d, known):
        value_type = self.type(1)
        name = self.local()
        value = self.expr(value_type, c, d - 1, False)
        return Let(PVar(name), None, value, self.expr(t, c.with_vars({name: value_type}), d - 1, known), True)

    def match_way(self, t, c, d, known):
        candidates = [u for u in c.vars.values() if u[0] not in ('Fun', 'Map', 'TP')]
        s = self.pick(candidates) if candidates and self.chance(.6) else self.type(2)
        value = self.expr(s, c, d - 1, False)
        arms = []
        rows = self.cover(s, self.pick([1, 2, 2, 3]))
        share = d - 1 if len(rows) < 4 else d - 2
        for pattern, binds in rows:
            arms.append(Arm(pattern, self.expr(t, c.with_vars(binds), share, known or bool(arms))))
        return Match(value, arms)

    def seq_way(self, t, c, d, known):
        return Seq(self.statement(c, d - 1), self.expr(t, c, d - 1, known), self.chance(.08))

    def statement(self, c, d):
        """Something for its effect, if it has one."""
        maps = [n for n, u in c.vars.items() if u[0] == 'Map']
        if maps and self.chance(.6):
            name = self.pick(maps)
            _, key, value = c.vars[name]
            e = self.builtin('map_put', [Var(name), self.key(key, c, d), self.expr(value, c, d - 1, True)], c, True)
        elif self.chance(.3):
            e = self.builtin('println', [self.expr(STRING, c, min(d - 1, 1), True)], c)
        elif self.chance(.3):
            e = Call(Global(PRINTF), [[Str(b'%s.%ld.%d%%\n'), self.expr(STRING, c, 0, False), self.expr(INT, c, d - 1, False),
                                       self.expr(BOOL, c, d - 1, False)]], self.chance(.2))
        else:
            e = self.expr(self.base(), c, d - 1, False)
        e.t = e.t or UNIT
        return e

    def key(self, t, c, d):
        if self.chance(.6):
            return Int(self.pick([0, 1, 2, -1, 3])) if t == INT else Str(self.pick(['', 'a', 'b', 'ab', 'a\0b']).encode()) if t == STRING else self.literal(t)
        return self.expr(t, c, d - 1, True)

    def arguments(self, types, c, d, known):
        return [self.expr(p, c, d - 1, known) for p in types]

    def callable_from(self, c):
        """Functions that may be called here: all made so far."""
        return [f for f in self.functions if not f.extern and not f.section
                and not (f.name in c.vars and not f.module)
                and not (c.module and f.module is None and f.name == c.function.name)
                and not (c.module and f.module is None and any(g.name == f.name and g.module == c.module for g in self.functions))]

    def call_arguments(self, f, bindings, c, d):
        out = []
        for i, p in enumerate(f.params):
            wanted = plain(p.type, self.aliases)
            generic = contains(wanted, ('TP',))
            if f.fuel and i == 0:
                e = Int(self.rng.randint(0, 6))
                e.t = INT
            else:
                e = self.expr(substitute(wanted, bindings), c, d - 1, not generic)
            out.append(e)
        return out

    def instantiate(self, f, bindings, c):
        """Types for the parameters that nothing has decided."""
        for p in f.tparams:
            if p not in bindings:
                tps = [u for u in c.vars.values() if u[0] == 'TP']
                bindings[p] = self.type(1, 'function-for-type-parameter' not in AVOID and not f.needs_equal and self.chance(.2), tps)
        if any(contains(b, ('Map',)) or b == NAT for b in bindings.values()):
            return False
        if 'function-for-type-parameter' in AVOID and any(contains(b, ('Fun',)) for b in bindings.values()):
            return False
        if f.needs_equal:
            if not all(self.comparable(b) for b in bindings.values()):
                return False
            if c.function and any(contains(b, ('TP',)) for b in bindings.values()):
                c.function.needs_equal = True
        return True

    def call_way(self, t, c, d, known):
        if c.self_call and self.chance(.5):
            e = self.self_call(t, c, d)
            if e:
                return e
        ways = []
        for f in self.callable_from(c):
            result = plain(f.result, self.aliases)
            bindings = {}
            if self.fit(result, t, bindings) and result[0] != 'TP':
                ways += [(f, bindings, None)] * 3
            elif result[0] == 'TP' and self.fit(result, t, bindings):
                ways.append((f, bindings, None))
            bindings = {}
            if result[0] == 'Fun' and self.fit(result[2], t, bindings) and not contains(result[2], ('TP',)):
                ways.append((f, bindings, result[1]))
        self.rng.shuffle(ways)
        for f, bindings, more in ways[:3]:
            bindings = {p: INT if b == NAT else b for p, b in bindings.items()}
            if not self.instantiate(f, bindings, c):
                continue
            arguments = self.call_arguments(f, bindings, c, d)
            for p in more or ():
                arguments.append(self.expr(substitute(p, bindings), c, d - 1, not contains(p, ('TP',))))
            if more and not f.params:
                return Call(Global(f), [[], arguments])
            if not arguments and self.chance(.3):
                arguments = [Unit()]
            return self.call_node(Global(f), arguments)
        return None

    def self_call(self, t, c, d):
        f, counter = c.self_call
        if not self.same(plain(f.result, self.aliases), t) or counter not in c.vars:
            return None
        arguments = [Binary('-', Var(counter), Int(self.pick([1, 1, 1, 2])))]
        arguments += [self.expr(plain(p.type, self.aliases), c, min(d - 1, 2), not contains(plain(p.type, self.aliases), ('TP',)))
                      for p in f.params[1:]]
        return self.call_node(Global(f), arguments)

    def value_call_way(self, t, c, d, known):
        names = [n for n, u in c.vars.items() if u[0] == 'Fun' and self.same(u[2], t)]
        if not names:
            return None
        name = self.pick(names)
        return self.call_node(Var(name), self.arguments(c.vars[name][1], c, d, True))

    def field_way(self, t, c, d, known):
        found = []
        for n, u in c.vars.items():
            if u[0] in ('Rec', 'Anon'):
                found += [(n, label) for label, p in self.fields_of(u) if self.same(p, t)]
        if found and self.chance(.8):
            name, label = self.pick(found)
            return Field(Var(name), label)
        candidates = []
        for decl in self.types:
            if isinstance(decl, RecordDecl):
                for f in decl.fields:
                    bindings = {}
                    if self.fit(f.type, t, bindings):
                        candidates.append((decl, f.label, bindings))
        if not candidates:
            return None
        decl, label, bindings = self.pick(candidates)
        if NAT in bindings.values():
            return None
        args = tuple(bindings.get(p) or self.base() for p in decl.tparams)
        return Field(self.expr(('Rec', decl.name, args), c, d - 1, False), label)

    def get_way(self, t, c, d, known):
        if t == NAT:
            t = INT
        names = [n for n, u in c.vars.items() if u == ('List', t)]
        xs = Var(self.pick(names)) if names and self.chance(.8) else self.expr(('List', t), c, d - 1, False)
        if self.chance(.7):
            return self.builtin('get_or', [xs, self.expr(INT, c, d - 1, True), self.expr(t, c, d - 1, False)], c)
        index = Int(self.pick([0, 0, 1])) if self.chance(.8) else self.expr(INT, c, d - 1, True)
        return self.builtin('get', [xs, index], c)

    def ascribe_way(self, t, c, d, known):
        return Ascribe(self.expr(t, c, d - 1, True), self.spell(t))

    def immediate_way(self, t, c, d, known):
        """A lambda called where it stands; or one of operators alone, on operands that it does not know yet."""
        if t in (INT, FLOAT, BOOL) and self.chance(.5):
            a, b = self.local(), self.local()
            if a != b:
                s = t if t != BOOL else self.pick([INT, FLOAT, STRING])
                op = self.pick(['<', '>', '<=', '>=', '==', '!=']) if t == BOOL else self.pick('+-*' if t == INT else '+-*/')
                body = Binary(op, Var(a), Var(b))
                if t != BOOL and self.chance(.5):
                    body = Binary(self.pick('+-*'), body, Var(self.pick([a, b])))
                return self.call_node(Lambda([Param(a, None), Param(b, None)], body), self.arguments([s, s], c, d, False))
        if t[0] == 'Fun' and 'function-for-type-parameter' in AVOID:
            return None
        params = tuple(self.type(1) for _ in range(self.pick([1, 2])))
        return self.call_node(self.lambda_(('Fun', params, t), c, False, d), self.arguments(params, c, d, True))

    def map_way(self, t, c, d, known):
        names = [n for n, u in c.vars.items() if u[0] == 'Map' and (self.same(u[2], t) or t[0] in ('Int', 'Bool') or (t[0] == 'Option' and u[2] == t[1]))]
        if not names:
            return None
        name = self.pick(names)
        _, key, value = c.vars[name]
        if t[0] == 'Option' and value == t[1]:
            return self.builtin('map_find', [Var(name), self.key(key, c, d)], c, True)
        if t == BOOL and (value != BOOL or self.chance(.5)):
            return self.builtin('map_contains', [Var(name), self.key(key, c, d)], c, True)
        if t in (INT, NAT) and (value != INT or self.chance(.3)):
            return self.builtin('map_size', [Var(name)], c)
        e = self.builtin('map_get', [Var(name), self.key(key, c, d)], c, True)
        e.zero = {'Int': 0, 'Float64': 0.0, 'Bool': False, 'String': b'', 'List': [], 'Option': Variant('None'), 'Unit': ()}[value[0]]
        return e

    def trace_way(self, t, c, d, known):
        self.n_traces += 1
        return Call(Global(self.trace(t)), [[Int(self.n_traces), self.expr(t, c, d - 1, True)]])

    # ---- by type ----

    def int_way(self, t, c, d, known):
        sub = lambda: self.expr(INT, c, d - 1, False)
        kind = self.weighted([('op', 10), ('div', 3), ('neg', 1), ('length', 1), ('strlen', 1), ('to_int', .7), ('printf', .2)])
        if kind == 'op':
            return Binary(self.pick('++--**'), sub(), sub())
        if kind == 'div':
            right = self.literal(INT) if self.chance(.85) else sub()
            if isinstance(right, Int) and right.value == 0 and self.chance(.8):
                right = Int(7)
            right.t = INT
            return Binary(self.pick('/%'), sub(), right)
        if kind == 'neg':
            return Unary('-', sub())
        if kind == 'to_int':
            return self.builtin('to_int', [self.expr(FLOAT, c, d - 1, True)], c)
        if kind == 'printf':
            return Call(Global(PRINTF), [[Str(b'<%ld>\n'), sub()]])
        return self.length(kind, c, d)

    def length(self, kind, c, d):
        if kind == 'strlen':
            return self.builtin('string_length', [self.expr(STRING, c, d - 1, True)], c)
        return self.builtin('length', [self.expr(('List', self.type(1)), c, d - 1, False)], c)

    def nat_way(self, t, c, d, known):
        kind = self.weighted([('lit', 3), ('length', 1), ('strlen', 1), ('guard', 4), ('any', 1.5)])
        if kind == 'lit':
            return self.literal(NAT)
        if kind == 'any':
            return self.expr(INT, c, d - 1, True)
        if kind == 'guard':
            name = self.local()
            return Let(PVar(name), None, self.expr(INT, c, d - 1, False),
                       If(Binary(self.pick(['<', '<=']), Var(name), Int(0)), Int(self.pick([0, 1, 5])), Var(name)))
        return self.length(kind, c, d)

    def float_way(self, t, c, d, known):
        sub = lambda: self.expr(FLOAT, c, d - 1, False)
        kind = self.weighted([('op', 10), ('neg', 1), ('to_float', 2)])
        if kind == 'op':
            return Binary(self.pick('+-*/'), sub(), sub())
        if kind == 'neg':
            return Unary('-', sub())
        return self.builtin('to_float', [self.expr(INT, c, d - 1, True)], c)

    def bool_way(self, t, c, d, known):
        sub = lambda: self.expr(BOOL, c, d - 1, True)
        kind = self.weighted([('logic', 5), ('not', 1.5), ('order', 5), ('equal', 4), ('contains', 1)])
        if kind == 'logic':
            return Binary(self.pick(['&&', '||', '=>']), sub(), sub())
        if kind == 'not':
            return Unary('not', sub())
        if kind == 'contains':
            return self.builtin('contains', [self.expr(STRING, c, d - 1, True), self.expr(STRING, c, min(d - 1, 1), True)], c, True)
        if kind == 'order':
            s = self.pick([INT, INT, FLOAT, STRING])
            return Binary(self.pick(['<', '>', '<=', '>=']), self.expr(s, c, d - 1, False), self.expr(s, c, d - 1, False))
        tps = [u for u in c.vars.values() if u[0] == 'TP']
        s = self.pick([u for u in c.vars.values()] or [INT]) if self.chance(.6) else self.type(2, False, tps)
        s = INT if s == NAT else s
        if not self.comparable(s):
            return None
        if contains(s, ('TP',)):
            c.function.needs_equal = True
        return Binary(self.pick(['==', '==', '!=']), self.expr(s, c, d - 1, False), self.expr(s, c, d - 1, False))

    def list_way(self, t, c, d, known):
        kind = self.weighted([('push', 4), ('set', 1), ('concat', 2), ('errors', .5)])
        xs = lambda known=False: self.expr(t, c, d - 1, known)
        item = lambda: self.expr(t[1], c, d - 1, False)
        if kind == 'push':
            return self.builtin('push', [xs(), item()], c, True)
        if kind == 'set':
            return self.builtin('set', [xs(), Int(0) if self.chance(.7) else self.expr(INT, c, d - 1, True), item()], c, True)
        if kind == 'errors':
            return self.builtin('err_to_list', [self.expr(('Result', self.base(), t[1]), c, d - 1, False)], c)
        return self.builtin('concat', [self.expr(('List', t), c, d - 1, False)], c)

    def function_way(self, t, c, d, known):
        """A function of the program's as a value, or one given some of its arguments."""
        found = []
        for f in self.callable_from(c):
            if f.fuel or f.tparams:
                continue
            types = [plain(p.type, self.aliases) for p in f.params]
            missing = len(types) - len(t[1])
            result = plain(f.result, self.aliases)
            if missing >= 0 and types and self.same(result, t[2]) and all(map(self.same, types[missing:], t[1])):
                found.append((Global(f), types[:missing]))
        for decl in self.types:
            if isinstance(decl, VariantDecl) and t[2][0] == 'Var' and t[2][1] == decl.name and not decl.tparams:
                for con, payload in self.constructors_of(t[2]):
                    missing = len(payload) - len(t[1])
                    if payload and missing >= 0 and all(map(self.same, payload[missing:], t[1])):
                        found.append((Global(con), payload[:missing]))
        if t == ('Fun', (STRING,), INT):
            found.append((Global(self.as_builtin('string_length')), []))
        if t == ('Fun', (FLOAT,), INT):
            found.append((Global(self.as_builtin('to_int')), []))
        if t == ('Fun', (INT,), FLOAT):
            found.append((Global(self.as_builtin('to_float')), []))
        if t == ('Fun', (STRING,), BOOL):
            found.append((Global(self.as_builtin('contains')), [STRING]))
        if t[2] == ('Option', t[1][0]) and len(t[1]) == 1 and known:
            found.append((Global(SOME), []))
        for n, u in c.vars.items():
            if u[0] == 'Fun' and self.same(u[2], t[2]) and len(u[1]) > len(t[1]) and u[1][len(u[1]) - len(t[1]):] == t[1]:
                found.append((Var(n), list(u[1][:len(u[1]) - len(t[1])])))
        if not found:
            return None
        head, given = self.pick(found)
        return self.call_node(head, self.arguments(given, c, d, True)) if given else head

    def as_builtin(self, key):
        arity, names = BUILTINS[key]
        return Builtin(self.pick(names), key, arity)

    # ---- functions ----

    def add(self, f):
        self.functions.append(f)
        return f

    def trace(self, t):
        """Says that it is being evaluated, and returns its argument."""
        if t not in self.traces:
            kind = b's' if t == STRING else b'd' if t == BOOL else b'ld'
            f = Function('trace' + t[0], [], [Param('k', INT), Param('v', t)], t,
                         Seq(Call(Global(PRINTF), [[Str(b'#%ld=%' + kind + b'\n'), Var('k'), Var('v')]]), Var('v')))
            f.section = True     # not for random calls
            self.traces[t] = self.add(f)
        return self.traces[t]

    def show(self, t):
        """A function that prints a value of the type."""
        if t == NAT:
            t = INT
        if t in self.shows:
            return self.shows[t]
        f = Function(self.fresh('show'), [], [Param('v', t)], UNIT, None, section=True)
        self.shows[t] = f
        v = Var('v')
        printf = lambda text, *values: Call(Global(PRINTF), [[Str(text), *values]])
        say = lambda text: Call(Global(PRINTF), [[Str(text.encode())]])
        of = lambda part, e: Call(Global(self.show(part)), [[e]])
        k = t[0]
        if k == 'Int':
            body = printf(b'%ld ', v)
        elif k == 'Float64':
            body = If(Binary('==', v, Var('v')), printf(b'%.17g ', Var('v')), say('nan '))
        elif k == 'Bool':
            body = printf(b'%d ', v)
        elif k == 'String':
            body = printf(b'"%s"%ld ', v, Call(Global(Builtin('String.length', 'string_length', 1)), [[Var('v')]]))
        elif k == 'Unit':
            body = say('() ')
        elif k == 'Tuple':
            names = [f'p{i}' for i in range(len(t[1]))]
            body = Let(PTuple([PVar(n) for n in names]), None, v, chain([say('(')] + [of(p, Var(n)) for p, n in zip(t[1], names)], say(') ')))
        elif k in ('Rec', 'Anon'):
            body = chain([say('{')] + [of(p, Field(Var('v'), label)) for label, p in self.fields_of(t)], say('} '))
        elif k == 'List':
            body = Match(v, [Arm(PList([]), say('] ')),
                             Arm(PCon('Cons', [PVar('h'), PVar('t')]), Seq(of(t[1], Var('h')), Call(Global(f), [[Var('t')]])))])
        elif k in ('Fun', 'Map'):
            body = say('? ')
        else:
            arms = []
            for con, payload in self.constructors_of(t):
                names = [f'p{i}' for i in range(len(payload))]
                arms.append(Arm(PCon(con.name, [PVar(n) for n in names]),
                                chain([say(con.name + '(')] + [of(p, Var(n)) for p, n in zip(payload, names)], say(') '))))
            body = Match(v, arms)
        f.body = body
        self.add(f)
        return f

    def params(self, c_vars, tps=(), n=None, functions=True):
        out = []
        for _ in range(self.pick([0, 1, 1, 2, 2, 3, 4]) if n is None else n):
            t = NAT if self.chance(.1) else self.type(2, functions, tps)
            if self.chance(.05) and not tps:
                t = ('Map', self.pick([INT, STRING, BOOL]), self.pick([INT, STRING, FLOAT, ('Option', INT), ('List', INT)]))
            name = self.pick(['_', 'type', 'end']) if self.chance(.04) else self.local(c_vars)
            if name in ('type', 'end') and any(p.name == name for p in out):
                name = '_'
            if name not in ('_', 'type', 'end'):
                c_vars[name] = t
            out.append(Param(name, self.spell(t)))
        return out

    def contracts_for(self, f, c):
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            f.clauses.append(Clause(False, self.likely(c)))
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            f.clauses.append(Clause(True, self.likely(c.with_vars({'result': plain(f.result, self.aliases)}))))
        if self.chance(.5):
            self.rng.shuffle(f.clauses)
        f.clauses.sort(key=lambda x: self.chance(.5) and x.ensures)

    def likely(self, c):
        e = self.expr(BOOL, c, 2, True)
        if self.chance(.75):
            extra = Binary(self.pick(['<=', '>=']), self.leaf(INT, c, False), self.literal(INT))
            e = self.pick([Binary('||', e, Binary('||', extra, Bool(True))), Binary('=>', extra, Binary('||', e, Bool(True)))])
        return e

    def plain_function(self, module=None, name=None):
        vars = {}
        params = self.params(vars)
        result = NAT if self.chance(.08) else self.type(2, self.chance(.2))
        f = Function(name or self.fresh('f'), [], params, self.spell(result), None, module=module)
        c = Ctx(vars, f, module)
        if result[0] == 'Fun':
            f.body = self.lambda_(result, c, True, self.size - 1)
        else:
            f.body = self.expr(result, c, self.size, True)
            if self.chance(.3):
                self.contracts_for(f, c)
        if result == UNIT and self.chance(.5):
            f.body = self.expr(INT, c, 2, True)
        return self.add(f)

    def recursive_function(self):
        """Bounded by its first parameter; the branch behind the test may call the function again."""
        vars = {}
        params = [Param('fuel', INT)] + self.params(vars, n=self.pick([1, 2, 2, 3]))
        result = NAT if self.chance(.08) else self.type(2)
        if self.chance(.5):      # an accumulator
            result = plain(self.pick([p for p in params[1:]]).type, self.aliases)
            if result[0] in ('Fun', 'Map'):
                result = INT
        f = Function(self.fresh('rec'), [], params, self.spell(result), None, fuel=True)
        f.section = True
        vars['fuel'] = INT
        c = Ctx(vars, f, None)
        test = self.pick([Binary('<=', Var('fuel'), Int(0)), Binary('<', Var('fuel'), Int(1))])
        base = self.expr(result, c, 2, True)
        inner = c.with_vars({}, (f, 'fuel'))
        again = None
        if self.chance(.7):
            again = self.self_call(result, inner, 4)
        again = again or self.expr(result, inner, self.size, True)
        again.t = result
        if self.chance(.3):
            pattern, binds, ann, value = self.let_value(self.type(1), inner, 2)
            if 'fuel' not in binds and self.same(plain(f.result, self.aliases), result):
                call = self.self_call(result, inner.with_vars(binds), 3)
                again = Let(pattern, ann, value, call) if call else again
        if self.chance(.3):
            again = If(self.expr(BOOL, inner, 2, True), again, self.expr(result, inner, 2, True))
        f.body = If(test, base, again)
        if self.chance(.2):
            self.contracts_for(f, c)
        f.section = False
        return self.add(f)

    def mutual_functions(self):
        shared = self.type(1)
        names = [self.fresh('even'), self.fresh('odd')]
        pair = [Function(n, [], [Param('fuel', INT), Param('x', shared)], shared, None, fuel=True) for n in names]
        for f, other in (pair, pair[::-1]):
            c = Ctx({'fuel': INT, 'x': shared}, f)
            call = Call(Global(other), [[Binary('-', Var('fuel'), Int(1)), self.expr(shared, c, 2, True)]])
            again = call if self.chance(.6) else Let(PVar('y'), None, call, self.expr(shared, c.with_vars({'y': shared}), 2, True))
            f.body = If(Binary('<=', Var('fuel'), Int(0)), self.expr(shared, c, 2, True), again)
        for f in pair:
            self.add(f)

    def generic_function(self, module=None):
        names = self.rng.sample(['a', 'b', 'c'] if self.chance(.3) else ['A', 'B', 'T'], self.pick([1, 1, 2]))
        implicit = names[0].islower()
        tps = [('TP', n) for n in names]
        vars = {}
        params = []
        for t in tps:
            name = self.local(vars)
            vars[name] = t
            params.append(Param(name, t))
        params += self.params(vars, tps, self.pick([0, 1, 1, 2]))
        result = self.type(2, False, tps)
        f = Function(self.fresh('g'), names, params, result, None, module=module, implicit=implicit)
        f.body = self.expr(result, Ctx(vars, f, module), self.size, True)
        return self.add(f)

    def templates(self):
        """Functions on functions and lists, which random calls need."""
        A, B = ('TP', 'A'), ('TP', 'B')
        V = lambda n: Var(n)
        call = lambda f, *a: Call(f if isinstance(f, Node) else V(f), [list(a)])
        make = lambda name, tps, params, result: Function(name, tps, [Param(n, t) for n, t in params], result, None)
        built = lambda key, *a: Call(Global(self.as_builtin(key)), [list(a)])
        cons = lambda h, t: PCon('Cons', [PVar(h), PVar(t)])
        m = make('map', ['A', 'B'], [('xs', ('List', A)), ('f', ('Fun', (A,), B))], ('List', B))
        m.body = Match(V('xs'), [Arm(PList([]), ListOf([])),
                                 Arm(cons('h', 't'), Call(Global(CONS), [[call('f', V('h')), call(Global(m), V('t'), V('f'))]]))])
        fold = make('fold', ['A', 'B'], [('xs', ('List', A)), ('z', B), ('f', ('Fun', (B, A), B))], B)
        fold.body = Match(V('xs'), [Arm(cons('h', 't'), call(Global(fold), V('t'), call('f', V('z'), V('h')), V('f'))), Arm(PWild(), V('z'))])
        filt = make('filter', ['A'], [('xs', ('List', A)), ('keep', ('Fun', (A,), BOOL)), ('out', ('List', A))], ('List', A))
        filt.body = Match(V('xs'), [Arm(PList([]), V('out')), Arm(cons('h', 't'), call(Global(filt), V('t'), V('keep'),
                          If(call('keep', V('h')), built('push', V('out'), V('h')), V('out'))))])
        compose = make('compose', ['A', 'B'], [('f', ('Fun', (A,), B)), ('g', ('Fun', (B,), A))], ('Fun', (A,), A))
        compose.body = Lambda([Param('x', None)], call('g', call('f', V('x'))))
        twice = make('twice', ['A'], [('f', ('Fun', (A,), A)), ('x', A)], A)
        twice.body = call('f', call('f', V('x')))
        fold2 = make('count', ['A'], [('xs', ('List', A)), ('i', INT), ('p', ('Fun', (A,), BOOL))], INT)
        fold2.body = If(Binary('>=', V('i'), built('length', V('xs'))), Int(0),
                        Binary('+', If(call('p', built('get', V('xs'), V('i'))), Int(1), Int(0)),
                               call(Global(fold2), V('xs'), Binary('+', V('i'), Int(1)), V('p'))))
        for f in (m, fold, filt, compose, twice, fold2):
            if self.chance(.7):
                self.add(f)

    def section(self, number):
        """A function that prints what it computes."""
        f = Function(f's{number}', [], [], INT, None, section=True)
        vars = {}
        c = Ctx(vars, f)
        statements = []
        for _ in range(self.rng.randint(3, 8)):
            kind = self.weighted([('let', 4), ('show', 6), ('map', .8), ('statement', 1.5)])
            if kind == 'let':
                pattern, binds, ann, value = self.let_value(self.type(2, True), c, self.size)
                lazy = isinstance(pattern, PVar) and ann is None and self.chance(.06)
                statements.append(lambda rest, p=pattern, a=ann, v=value, l=lazy: Let(p, a, v, rest, l))
                c = c.with_vars(binds)
            elif kind == 'map':
                t = ('Map', self.pick([INT, INT, STRING, BOOL]),
                     self.pick([INT, INT, STRING, FLOAT, BOOL, ('Option', INT), ('List', INT)]))
                name = self.local()
                value = self.construct(t, c, True, 1)
                statements.append(lambda rest, n=name, t=t, v=value: Let(PVar(n), t, v, rest))
                c = c.with_vars({name: t})
                for _ in range(self.rng.randint(1, 4)):
                    statements.append(self.statement(c, 2))
            elif kind == 'show':
                names = [n for n, u in c.vars.items() if u[0] not in ('Fun', 'Map')]
                t = c.vars[self.pick(names)] if names and self.chance(.4) else self.type(2)
                t = INT if t == NAT else t
                e = self.expr(t, c, self.size, True)
                statements.append(Call(Global(self.show(t)), [[e]]))
                statements.append(Call(Global(Builtin('println', 'println', 1)), [[Str(b'')]]))
            else:
                statements.append(self.statement(c, 3))
        f.body = chain(statements, self.expr(INT, c, 3, True))
        return self.add(f)

    def runs(self, node, env=()):
        """How an evaluation ends: 'fine', 'stops' or 'long'."""
        evaluator = Evaluator(self.aliases, self.trap, self.contracts)
        try:
            evaluator.evaluate(node, dict(env))
            return 'fine'
        except Stop:
            return 'stops'
        except (TooLong, RecursionError):
            return 'long'

    def helpers(self):
        for _ in range(self.rng.randint(1, 3)):
            kind = self.weighted([('plain', 5), ('recursive', 3), ('mutual', 1), ('generic', 3), ('module', 1)])
            if kind == 'plain':
                self.plain_function()
            elif kind == 'recursive':
                self.recursive_function()
            elif kind == 'mutual':
                self.mutual_functions()
            elif kind == 'generic':
                self.generic_function()
            else:
                self.module()

    def module(self):
        name = self.fresh('M')
        in_file = [f.name for f in self.functions if f.module is None and not f.extern and not f.section and not f.tparams]
        hides = self.pick(in_file) if in_file and self.chance(.4) else None
        # What hides a name of the file comes first, so that nothing in the module means the other by mistake.
        if hides:
            self.plain_function(name, hides)
        for _ in range(self.rng.randint(1, 2)):
            self.generic_function(name) if self.chance(.2) else self.plain_function(name)

    def c_memory(self):
        """A function that works on a block of C's memory."""
        for f in EXTERNS.values():
            if f is not PRINTF:
                self.add(f)
        of = lambda name, *a: Call(Global(EXTERNS[name]), [list(a)])
        built = lambda key, *a: Call(Global(self.as_builtin(key)), [list(a)])
        f = Function(self.fresh('memory'), [], [Param('v', INT), Param('s', STRING)], INT, None)
        f.section = True
        self.add(f)
        c = Ctx({'v': INT, 's': STRING}, f)
        size = self.pick([8, 12, 24, 64])
        value = lambda: self.expr(INT, c, 2, False)
        at = lambda bytes_: Int(self.rng.randint(0, size - bytes_))
        statements = [lambda rest: Let(PVar('block'), self.pick([None, PTR, ('Ptr', INT)]), of('calloc', Int(size), Int(1)), rest)]
        block = lambda: Var('block')
        for i in range(self.rng.randint(3, 9)):
            kind = self.pick(['write', 'write', 'read', 'read', 'show', 'number', 'null'])
            if kind == 'write':
                statements.append(self.pick([lambda: of('pole_write_i32', block(), value()), lambda: of('pole_write_i64', block(), value()),
                                             lambda: of('pole_write_i16_at', block(), at(2), value()),
                                             lambda: of('pole_write_i32_at', block(), at(4), value())])())
            elif kind == 'show' and size == 64:
                text = self.pick([lambda: of('sprintf', block(), Str(b'%ld.%d'), value(), self.expr(BOOL, c, 1, False)),
                                  lambda: of('sprintf', block(), Str(b'<%s>'), Str(self.pick(STRINGS).encode()))])()
                statements += [Call(Global(PRINTF), [[Str(b'%ld '), text]]),
                               Call(Global(self.show(STRING)), [[built('ptr_to_string', block())]])]
            elif kind == 'null':
                statements.append(Call(Global(self.show(BOOL)), [[built('is_null', self.pick([block, lambda: Int(0)])())]]))
            else:
                e = self.pick([lambda: of('strlen', self.expr(STRING, c, 1, True)), lambda: of('atoi', Str(self.pick([b'-17', b' 42x', b'', b'+0']))),
                               lambda: of('toupper', Int(self.pick([65, 97, 122, 123]))), lambda: of('labs', Int(self.pick(INTS)))])()                     if kind == 'number' else self.pick([lambda: of('pole_read_i32', block()), lambda: of('pole_read_i64', block()),
                                                        lambda: of('pole_read_i32_at', block(), at(4)),
                                                        lambda: of('pole_read_i64_at', block(), at(8))])()
                e.t = INT
                statements.append(Call(Global(self.show(INT)), [[e]]))
        result = of('pole_read_i32_at', block(), at(4))
        statements += [lambda rest: Let(PVar('last'), None, result, rest), of('free', block())]
        f.body = chain(statements, Var('last'))
        f.section = False

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


class NotPossible(Exception):
    """There is no such expression here."""
