"""Pole IR as a tree: what the generator makes, the evaluator runs and the printer writes down.

A type is a tuple: ('Int',), ('List', T), ('Tuple', (A, B)), ('Fun', (A, B), R), ('Rec', name, args), ('Var', name, args),
('Anon', ((label, T), ...)), ('Map', K, V), ('Ptr', T), ('TP', name) for a type parameter, ('Alias', name, args) as spelled.
Every node has `.t`, its type, where the generator knows it; `.pos`, FILE:LINE:COL, once it has been printed.
"""
import copy
import dataclasses
from dataclasses import dataclass, field

# Constructs that are left out until the compiler has learned them; see README.md.
AVOID = {
    'function-for-type-parameter',  # (A) -> B has more parameters where B is a function: when are the effects?
}

INT, NAT, FLOAT, BOOL, STRING, UNIT = (('Int',), ('Nat',), ('Float64',), ('Bool',), ('String',), ('Unit',))


class Node:
    t = None
    pos = None
    file = 'p'                  # of a declaration; the others import it


def node(cls):
    return dataclass(eq=False)(cls)


# ---- expressions ----

@node
class Int(Node):
    value: int                  # a negative one is printed with a minus in front


@node
class Float(Node):
    text: str


@node
class Str(Node):
    value: bytes


@node
class Bool(Node):
    value: bool


@node
class Unit(Node):
    pass


@node
class Var(Node):
    name: str


@node
class Global(Node):
    target: object              # Function, Constructor or Builtin


@node
class Let(Node):
    pattern: Node
    ann: object                 # type or None
    value: Node
    body: Node
    lazy: bool = False
    ann_pos: object = None


@node
class Seq(Node):
    first: Node
    rest: Node
    stray: bool = False


@node
class If(Node):
    cond: Node
    then: Node
    other: Node


@node
class Match(Node):
    value: Node
    arms: list                  # of Arm


@node
class Arm(Node):
    pattern: Node
    body: Node


@node
class Lambda(Node):
    params: list                # of Param; .type None: not written
    body: Node


@node
class Binary(Node):
    op: str
    left: Node
    right: Node


@node
class Unary(Node):
    op: str
    operand: Node


@node
class Call(Node):
    head: Node
    lists: list                 # of lists of arguments: f(x)(y) has two
    juxtaposed: bool = False
    zero: object = None         # of HashMap.get


@node
class Field(Node):
    value: Node
    label: str


@node
class Record(Node):
    inits: list                 # of (label, Node)
    decl: object = None         # RecordDecl; None: anonymous


@node
class Tuple(Node):
    items: list


@node
class ListOf(Node):
    items: list


@node
class Ascribe(Node):
    value: Node
    type: object
    ann_pos: object = None


# ---- patterns ----

@node
class PWild(Node):
    pass


@node
class PVar(Node):
    name: str


@node
class PConst(Node):
    value: Node                 # Int, Float, Str, Bool, Unit


@node
class PCon(Node):
    name: str
    items: list


@node
class PTuple(Node):
    items: list


@node
class PList(Node):
    items: list


@node
class PRecord(Node):
    fields: list                # of (label, pattern or None)
    rest: bool = False


# ---- declarations ----

@node
class Param(Node):
    name: str
    type: object


@node
class FieldDecl(Node):
    label: str
    type: object


@node
class RecordDecl(Node):
    name: str
    tparams: list
    fields: list                # of FieldDecl


@node
class Payload(Node):
    type: object


@node
class Constructor(Node):
    name: str
    payload: list               # of Payload
    decl: object = None         # VariantDecl; None: builtin


@node
class VariantDecl(Node):
    name: str
    tparams: list
    constructors: list


@node
class AliasDecl(Node):
    name: str
    tparams: list
    type: object


@node
class Builtin(Node):
    name: str                   # how it is written: one of the synonyms
    key: str                    # what it does
    arity: int


@node
class Clause(Node):
    ensures: bool
    value: Node


@node
class Function(Node):
    name: str
    tparams: list
    params: list
    result: object
    body: Node
    clauses: list = field(default_factory=list)
    module: object = None
    implicit: bool = False      # type parameters: lower-case names that nothing declares
    fuel: bool = False          # the first parameter bounds the recursion
    needs_equal: bool = False
    result_pos: object = None
    extern: bool = False
    section: bool = False
    pure: bool = False


@node
class Signature(Node):
    name: str
    tparam: object              # the type that it calls T, or None
    members: list               # functions of the module


@node
class Test(Node):
    function: object            # None: an @test of its value
    inputs: list
    expected: object            # None: it only has to run
    by_name: bool = False
    trailing: bool = False


@node
class Program(Node):
    types: list
    functions: list
    main: Function
    seed: int = 0
    style: str = 'plain'
    keep: list = field(default_factory=list)        # functions that stay although main() does not reach them
    imports: dict = field(default_factory=dict)     # (file, imported file): what it is called there
    signatures: dict = field(default_factory=dict)  # module: Signature
    tests: list = field(default_factory=list)

    def files(self):
        return sorted({d.file for d in [*self.types, *self.functions, self.main]}, key=lambda f: (f != 'p', f))


SOME = Constructor('Some', [Payload(('TP', 'T'))])
NONE = Constructor('None', [])
OK = Constructor('Ok', [Payload(('TP', 'T'))])
ERR = Constructor('Err', [Payload(('TP', 'E'))])
CONS = Constructor('Cons', [Payload(('TP', 'T')), Payload(('List', ('TP', 'T')))])
NIL = Constructor('Nil', [])


def children(node):
    """(node, attribute, index or None, index in pair or None, child) of every expression directly below."""
    if isinstance(node, (Function, Builtin, Constructor)):
        return
    for f in dataclasses.fields(node) if dataclasses.is_dataclass(node) else ():
        if f.name in ('target', 'decl', 'type', 'ann', 'zero'):
            continue
        value = getattr(node, f.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, (list, tuple)):
                    for part in item:
                        if isinstance(part, Node):
                            yield part


def walk(node):
    todo = [node]
    while todo:
        at = todo.pop()
        yield at
        todo.extend(children(at))


def parts(t):
    """The types directly inside a type."""
    k = t[0]
    if k in ('List', 'Option', 'Result', 'Map', 'Ptr'):
        return list(t[1:])
    if k == 'Tuple':
        return list(t[1])
    if k in ('Rec', 'Var', 'Alias'):
        return list(t[2])
    if k == 'Anon':
        return [p for _, p in t[1]]
    if k == 'Fun':
        return [*t[1], t[2]]
    return []


def map_type(t, change):
    """The type with `change` applied to each part."""
    k = t[0]
    if k in ('List', 'Option', 'Result', 'Map', 'Ptr'):
        return (k, *map(change, t[1:]))
    if k == 'Tuple':
        return (k, tuple(map(change, t[1])))
    if k in ('Rec', 'Var', 'Alias'):
        return (k, t[1], tuple(map(change, t[2])))
    if k == 'Anon':
        return (k, tuple((label, change(p)) for label, p in t[1]))
    if k == 'Fun':
        return (k, tuple(map(change, t[1])), change(t[2]))
    return t


def substitute(t, bindings):
    if t[0] == 'TP':
        return bindings.get(t[1], t)
    return map_type(t, lambda p: substitute(p, bindings))


def plain(t, aliases):
    """Without aliases."""
    while t[0] == 'Alias':
        decl = aliases[t[1]]
        t = substitute(decl.type, dict(zip(decl.tparams, t[2])))
    return map_type(t, lambda p: plain(p, aliases))


def contains(t, kinds, decls=None, seen=frozenset()):
    """Does a type, or what its declaration holds, contain one of these kinds?"""
    if t[0] in kinds:
        return True
    if decls and t[0] in ('Rec', 'Var') and t[1] not in seen:
        decl = decls[t[1]]
        held = ([f.type for f in decl.fields] if t[0] == 'Rec'
                else [p.type for c in decl.constructors for p in c.payload])
        if any(contains(h, kinds, decls, seen | {t[1]}) for h in held):
            return True
    return any(contains(p, kinds, decls, seen) for p in parts(t))


def clone(program):
    return copy.deepcopy(program, {id(c): c for c in (SOME, NONE, OK, ERR, CONS, NIL)})
