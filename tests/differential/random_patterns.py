"""Random patterns: any that fit a type, and lists of them that cover it."""
from tree import *


class RandomPatterns:
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
