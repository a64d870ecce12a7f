"""
Random functions, and those that show and trace values of a type.

A section is a function whose output main() shows; the evaluator runs it at once.
"""
from itertools import zip_longest

from evaluate import Evaluator, Stop, TooLong
from vocabulary import *


class RandomFunctions:
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
