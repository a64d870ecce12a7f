"""The constants and names that random programs are made of, and where an expression stands."""
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


class NotPossible(Exception):
    """There is no such expression here."""
