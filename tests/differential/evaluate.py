"""What a program does, by the language reference alone: big-step evaluation of the generator's tree.

Values: int, float, bool, bytes, () for Unit, tuples, Python lists, dicts for records, Variant, Map, and function values.
"""
import re

from tree import *


class Stop(Exception):
    """A run-time error.  The place is a node and the attribute that tells its position once the program is printed."""

    def __init__(self, message, owner, attribute='pos'):
        self.message, self.owner, self.attribute = message, owner, attribute


class TooLong(Exception):
    pass


class Variant:
    __slots__ = ('name', 'items')

    def __init__(self, name, items=()):
        self.name, self.items = name, items


class Map:
    __slots__ = ('content',)

    def __init__(self):
        self.content = {}


class Closure:
    __slots__ = ('node', 'env', 'arity')

    def __init__(self, node, env):
        self.node, self.env, self.arity = node, env, len(node.params)


class Callee:
    """A function, constructor or builtin of the program's, mentioned at a place."""
    __slots__ = ('target', 'place', 'arity')

    def __init__(self, target, place):
        self.target, self.place = target, place
        self.arity = (target.arity if isinstance(target, Builtin) else len(target.payload) if isinstance(target, Constructor)
                      else len(target.params))


class Partial:
    __slots__ = ('callee', 'given', 'arity')

    def __init__(self, callee, given):
        self.callee, self.given, self.arity = callee, given, callee.arity - len(given)


class Block:
    """Memory of C's, from calloc."""
    __slots__ = ('bytes',)

    def __init__(self, size):
        self.bytes = bytearray(size)


class Lazy:
    __slots__ = ('node', 'env', 'value')

    def __init__(self, node, env):
        self.node, self.env, self.value = node, env, None


def wrap(n):
    return ((n + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


def equal(a, b):
    if isinstance(a, Variant):
        return a.name == b.name and all(map(equal, a.items, b.items))
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return all(equal(a[label], b[label]) for label in a)
    assert isinstance(a, (int, float, bytes)), a
    return a == b       # a nan is not itself


def c_string(s):
    return s.split(b'\0')[0]


class Evaluator:
    def __init__(self, aliases, trap=False, contracts=True, limit=20000):
        self.aliases, self.trap, self.contracts, self.limit = aliases, trap, contracts, limit
        self.out = bytearray()
        self.steps = 0

    # ---- Nat ----

    def is_nat(self, t):
        return t is not None and (t == NAT or (t[0] == 'Alias' and plain(t, self.aliases) == NAT))

    def check(self, value, t, owner, attribute='pos'):
        if isinstance(value, int) and not isinstance(value, bool) and value < 0 and self.is_nat(t):
            raise Stop(f'negative value {value} for Nat', owner, attribute)
        return value

    # ---- arithmetic ----

    def integer(self, n, op, place):
        if self.trap and n != wrap(n):
            raise Stop(f"integer overflow in '{op}'", place)
        return wrap(n)

    def binary(self, op, a, b, place):
        if op == '==':
            return equal(a, b)
        if op == '!=':
            return not equal(a, b)
        if op in ('<', '>', '<=', '>='):
            return a < b if op == '<' else a > b if op == '>' else a <= b if op == '<=' else a >= b
        if isinstance(a, float):
            return self.float_operation(op, a, b)
        if op in '+-*':
            return self.integer(a + b if op == '+' else a - b if op == '-' else a * b, op, place)
        if b == 0:
            raise Stop('division by zero', place)
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        if op == '%':
            return a - b * quotient
        if quotient == 1 << 63:
            raise Stop("integer overflow in '/'", place)
        return quotient

    @staticmethod
    def float_operation(op, a, b):
        if op == '+':
            return a + b
        if op == '-':
            return a - b
        if op == '*':
            return a * b
        if b != 0:
            return a / b        # Python has no other trouble: too large becomes inf
        if a == 0 or a != a:
            return float('nan')
        sign = -1 if str(a)[0] == '-' else 1
        return float('inf') * sign * (-1 if str(b)[0] == '-' else 1)

    # ---- patterns ----

    def match(self, p, value, env):
        """Adds what the pattern binds to env; false if the value does not match."""
        if isinstance(p, PWild):
            return True
        if isinstance(p, PVar):
            env[p.name] = value
            return True
        if isinstance(p, PConst):
            return equal(self.evaluate(p.value, {}), value)
        if isinstance(p, PTuple):
            return all(self.match(sub, v, env) for sub, v in zip(p.items, value))
        if isinstance(p, PRecord):
            return all(self.match(sub or PVar(label), value[label], env) for label, sub in p.fields)
        if isinstance(value, list):
            if isinstance(p, PList):
                return len(p.items) == len(value) and all(self.match(sub, v, env) for sub, v in zip(p.items, value))
            if p.name == 'Nil':
                return not value
            return bool(value) and self.match(p.items[0], value[0], env) and self.match(p.items[1], value[1:], env)
        return p.name == value.name and all(self.match(sub, v, env) for sub, v in zip(p.items, value.items))

    # ---- calls ----

    def builtin(self, key, a, place):
        if key == 'println':
            self.out += a[0] + b'\n'
            return ()
        if key == 'string_length':
            return len(a[0])
        if key == 'contains':
            return a[1] in a[0]
        if key in ('get', 'set'):
            if not 0 <= a[1] < len(a[0]):
                raise Stop(f'list index {a[1]} out of range (length {len(a[0])})', place)
            return a[0][a[1]] if key == 'get' else [*a[0][:a[1]], a[2], *a[0][a[1] + 1:]]
        if key == 'get_or':
            return a[0][a[1]] if 0 <= a[1] < len(a[0]) else a[2]
        if key == 'push':
            return [*a[0], a[1]]
        if key == 'length':
            return len(a[0])
        if key == 'concat':
            return [item for one in a[0] for item in one]
        if key == 'new':
            return []
        if key == 'is_null':
            return a[0] == 0
        if key == 'ptr_to_string':
            return c_string(bytes(a[0].bytes)) if a[0] != 0 else b''
        if key == 'err_to_list':
            return list(a[0].items) if a[0].name == 'Err' else []
        if key == 'map_new':
            self.check(a[0], NAT, place)
            return Map()
        if key == 'map_put':
            a[0].content[a[1]] = a[2]
            return ()
        if key == 'map_size':
            return len(a[0].content)
        if key == 'map_contains':
            return a[1] in a[0].content
        if key == 'map_find':
            return Variant('Some', (a[0].content[a[1]],)) if a[1] in a[0].content else Variant('None')
        if key == 'to_float':
            return float(a[0])
        assert key == 'to_int', key
        if not -9223372036854775808.0 <= a[0] < 9223372036854775808.0:
            raise Stop('float_to_int out of range', place)
        return int(a[0])

    def foreign(self, name, a):
        """A call of a C function."""
        if name == 'printf':
            text = self.formatted(a)
            self.out += text
            return len(text)
        if name == 'sprintf':
            text = self.formatted(a[1:])
            a[0].bytes[:len(text) + 1] = text + b'\0'
            return len(text)
        if name == 'calloc':
            return Block(a[0] * a[1])
        if name == 'free':
            return ()
        if name == 'strlen':
            return len(c_string(a[0]))
        if name == 'toupper':
            return a[0] - 32 if 97 <= a[0] <= 122 else a[0]
        if name == 'atoi':
            found = re.match(rb'[ \t\n\r]*([+-]?[0-9]+)', c_string(a[0]))
            return int(found[1]) if found else 0
        if name == 'labs':
            return wrap(abs(a[0]))
        what, bits, at = re.fullmatch(r'pole_(read|write)_i(16|32|64)(_at)?', name).groups()
        offset, size = a[1] if at else 0, int(bits) // 8
        assert 0 <= offset <= len(a[0].bytes) - size
        if what == 'read':
            return int.from_bytes(a[0].bytes[offset:offset + size], 'little', signed=True)
        a[0].bytes[offset:offset + size] = (a[-1] & ((1 << int(bits)) - 1)).to_bytes(size, 'little')
        return ()

    @staticmethod
    def formatted(arguments):
        values = iter(arguments[1:])

        def one(found):
            kind = found[0][1:]
            if kind == b'%':
                return b'%'
            value = next(values)
            if kind == b's':
                return c_string(value)
            return b'%d' % value if kind in (b'ld', b'd') else (kind.join([b'%', b'']) % value)
        return re.sub(rb'%(ld|d|s|%|\.17g)', one, c_string(arguments[0]))

    def apply(self, f, arguments):
        """The value of a call; more arguments than f takes go to the result."""
        while True:
            if len(arguments) < f.arity:
                return Partial(f, arguments)
            now, arguments = arguments[:f.arity or len(arguments)], arguments[f.arity:]
            value = self.call(f, now)
            if not arguments or f.arity == 0:
                return value
            f = value

    def enter(self, f, arguments):
        """What there is to evaluate for a full call of a function or lambda: body, environment, checks behind it."""
        function = f.node if isinstance(f, Closure) else f.target
        env = dict(f.env) if isinstance(f, Closure) else {}
        for p, value in zip(function.params, arguments):
            self.check(value, p.type, p)
        for p, value in zip(function.params, arguments):
            if p.name != '_':
                env[p.name] = value
        if isinstance(function, Lambda):
            return function.body, env, None
        behind = self.is_nat(function.result)
        if self.contracts:
            for c in function.clauses:
                if not c.ensures:
                    if not self.evaluate(c.value, env):
                        raise Stop(f"requires clause of '{function.name}' failed", c)
                else:
                    behind = True
        return function.body, env, (function, env) if behind else None

    def leave(self, value, behind):
        function, env = behind
        if function.result == UNIT:
            value = ()
        self.check(value, function.result, function, 'result_pos')
        if self.contracts:
            for c in function.clauses:
                if c.ensures and not self.evaluate(c.value, {**env, 'result': value}):
                    raise Stop(f"ensures clause of '{function.name}' failed", c)
        return value

    def call_special(self, f, arguments):
        """Everything but functions with a body; None for those."""
        if isinstance(f, Closure):
            return None
        target = f.target
        if isinstance(target, Builtin):
            return self.builtin(target.key, arguments, f.place)
        if isinstance(target, Constructor):
            for p, value in zip(target.payload, arguments):
                self.check(value, p.type, p)
            if target is CONS:
                return [arguments[0], *arguments[1]]
            return Variant(target.name, tuple(arguments))
        if target.extern:
            return self.foreign(target.name, arguments)
        return None

    def call(self, f, arguments):
        while isinstance(f, Partial):
            f, arguments = f.callee, [*f.given, *arguments]
        value = self.call_special(f, arguments)
        if value is not None:
            return value
        body, env, behind = self.enter(f, arguments)
        value = self.evaluate(body, env)
        if isinstance(f, Callee) and f.target.result == UNIT:
            value = ()
        return self.leave(value, behind) if behind else value

    # ---- expressions ----

    def read(self, env, name):
        value = env[name]
        if isinstance(value, Lazy):
            if value.node is not None:
                value.value = self.evaluate(value.node, value.env)
                value.node = None
            value = value.value
        return value

    def construct(self, e, env):
        """A full call of a constructor checks each part as it comes."""
        target, arguments = e.head.target, []
        for p, a in zip(target.payload, (a for one in e.lists for a in one)):
            arguments.append(self.check(self.evaluate(a, env), p.type, p))
        return self.call_special(Callee(target, e.head), arguments)

    def evaluate(self, e, env):
        while True:
            self.steps += 1
            if self.steps > self.limit:
                raise TooLong
            kind = type(e)
            if kind is Var:
                return self.read(env, e.name)
            if kind is Int or kind is Str or kind is Bool:
                return e.value
            if kind is Float:
                return float(e.text)
            if kind is Unit:
                return ()
            if kind is Binary:
                if e.op in ('&&', '||', '=>'):
                    left = self.evaluate(e.left, env)
                    if e.op == '||' and left:
                        return True
                    if e.op != '||' and not left:
                        return e.op == '=>'
                    e = e.right
                    continue
                left = self.evaluate(e.left, env)
                return self.binary(e.op, left, self.evaluate(e.right, env), e)
            if kind is Unary:
                value = self.evaluate(e.operand, env)
                if e.op == 'not':
                    return not value
                return -value if isinstance(value, float) else self.integer(-value, '-', e)
            if kind is Let:
                if e.lazy:
                    value = Lazy(e.value, env)
                else:
                    value = self.evaluate(e.value, env)
                    if e.ann:
                        self.check(value, e.ann, e, 'ann_pos')
                env = dict(env)
                assert self.match(e.pattern, value, env)
                e = e.body
                continue
            if kind is Seq:
                self.evaluate(e.first, env)
                e = e.rest
                continue
            if kind is If:
                e = e.then if self.evaluate(e.cond, env) else e.other
                continue
            if kind is Match:
                value = self.evaluate(e.value, env)
                for arm in e.arms:
                    bound = dict(env)
                    if self.match(arm.pattern, value, bound):
                        break
                else:
                    raise AssertionError('no arm')
                e, env = arm.body, bound
                continue
            if kind is Lambda:
                return Closure(e, env)
            if kind is Global:
                target = e.target
                if isinstance(target, Constructor) and not target.payload:
                    return [] if target is NIL else Variant(target.name)
                return Callee(target, e)
            if kind is Tuple:
                return tuple([self.evaluate(item, env) for item in e.items])
            if kind is ListOf:
                return [self.evaluate(item, env) for item in e.items]
            if kind is Record:
                fields = {f.label: f for f in e.decl.fields} if e.decl else {}
                record = {}
                for label, value in e.inits:
                    record[label] = self.evaluate(value, env)
                    if e.decl:
                        self.check(record[label], fields[label].type, fields[label])
                return record
            if kind is Field:
                return self.evaluate(e.value, env)[e.label]
            if kind is Ascribe:
                if not self.is_nat(e.type):
                    e = e.value
                    continue
                return self.check(self.evaluate(e.value, env), e.type, e, 'ann_pos')
            assert kind is Call, kind
            f = self.evaluate(e.head, env)
            nodes = [a for one in e.lists for a in one]
            if isinstance(e.head, Global):
                target = e.head.target
                if isinstance(target, Constructor) and len(nodes) == len(target.payload):
                    return self.construct(e, env)
                if isinstance(target, Builtin) and target.key == 'map_get':
                    table, key = [self.evaluate(a, env) for a in nodes]
                    return table.content.get(key, e.zero)
                if isinstance(target, Function) and target.extern:
                    return self.foreign(target.name, [self.evaluate(a, env) for a in nodes])
            if f.arity == 0 and nodes and not e.lists[0]:    # f()(x)
                f = self.call(f, [])
            if not nodes:
                nodes = [UNIT_NODE] if f.arity else []
            # As many arguments as it takes, the call, then the rest for what it returned.
            while len(nodes) > f.arity > 0:
                now, nodes = nodes[:f.arity], nodes[f.arity:]
                f = self.call(f, [self.evaluate(a, env) for a in now])
            arguments = [self.evaluate(a, env) for a in nodes]
            if len(arguments) < f.arity:
                return Partial(f, arguments)
            while isinstance(f, Partial):
                f, arguments = f.callee, [*f.given, *arguments]
            value = self.call_special(f, arguments)
            if value is not None:
                return value
            body, inner, behind = self.enter(f, arguments)
            if behind:
                return self.leave(self.evaluate(body, inner), behind)
            if isinstance(f, Callee) and f.target.result == UNIT:
                self.evaluate(body, inner)
                return ()
            e, env = body, inner


UNIT_NODE = Unit()
