"""
Random expressions, made from the wanted type downwards.

`known` says that the compiler has been told the type by then; where it has not, anything that does not tell its own type
([], None, a lambda, an ambiguous record) gets an annotation.
"""
from evaluate import Variant
from vocabulary import *


class RandomExpressions:
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
