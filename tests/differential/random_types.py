"""Random types, and the declarations that they need."""
from evaluate import Variant
from tree import *


class RandomTypes:
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
