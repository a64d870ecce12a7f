"""Makes a program smaller as long as it keeps its fault."""
import dataclasses
import time

from tree import *


def slots(owner):
    """(read, write) of every place below `owner` that holds an expression."""
    todo = [owner]
    while todo:
        at = todo.pop()
        for f in dataclasses.fields(at):
            if f.name in ('target', 'decl', 'type', 'ann', 'zero', 'pattern', 'params', 'result'):
                continue
            value = getattr(at, f.name)
            if isinstance(value, Node):
                if not isinstance(value, (Arm, Clause)):
                    yield at, f.name, None
                todo.append(value)
            elif isinstance(value, list):
                yield from list_slots(at, value, todo)


def list_slots(owner, items, todo):
    for i, item in enumerate(items):
        if isinstance(item, Node):
            if not isinstance(item, (Arm, Clause, Param)):
                yield items, i, None
            todo.append(item)
        elif isinstance(item, list):
            yield from list_slots(owner, item, todo)
        elif isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], Node):
            yield items, i, 1
            todo.append(item[1])


def read(slot):
    owner, key, part = slot
    value = getattr(owner, key) if isinstance(key, str) else owner[key]
    return value[part] if part is not None else value


def write(slot, value):
    owner, key, part = slot
    if part is not None:
        value = (owner[key][0], value)
    if isinstance(key, str):
        setattr(owner, key, value)
    else:
        owner[key] = value


def simplest(t):
    if t is None:
        return None
    return {'Int': Int(0), 'Nat': Int(0), 'Bool': Bool(True), 'Float64': Float('0.0'), 'String': Str(b''), 'Unit': Unit()}.get(t[0])


def size(e):
    return sum(1 for _ in walk(e))


def replacements(e):
    """What could stand for an expression: smaller first."""
    literal = simplest(e.t)
    if literal is not None and type(e) not in (Int, Bool, Float, Str, Unit):
        literal.t = e.t
        yield literal
    below = [] if isinstance(e, Ascribe) else [x for x in walk(e) if x is not e and x.t is not None and x.t == e.t and not isinstance(x, (Arm, Param))]
    below.sort(key=size)
    yield from below[:6]
    if isinstance(e, Seq):
        yield e.rest
        yield e.first
    elif isinstance(e, Let):
        yield e.body
    elif isinstance(e, If):
        yield e.then
        yield e.other
    elif isinstance(e, Match):
        yield from (arm.body for arm in e.arms)


def remove_unused(program):
    """Without the functions and types that nothing mentions."""
    keep = [*program.keep, *(test.function for test in program.tests if test.function)]
    used, todo = {id(f) for f in keep}, [program.main, *keep]
    names = set()
    for test in program.tests:
        for root in [*test.inputs, test.expected]:
            for e in walk(root) if root is not None else ():
                if isinstance(e, Global) and isinstance(e.target, Function) and id(e.target) not in used:
                    used.add(id(e.target))
                    todo.append(e.target)
                elif isinstance(e, Global) and isinstance(e.target, Constructor) and e.target.decl:
                    names.add(e.target.decl.name)
                if isinstance(e, Record) and e.decl:
                    names.add(e.decl.name)
                for t in (getattr(e, 'ann', None), getattr(e, 'type', None)):
                    if t:
                        names_in(t, names)
    while todo:
        f = todo.pop()
        for p in f.params:
            names_in(p.type, names)
        names_in(f.result, names)
        for root in [f.body, *f.clauses]:
            for e in walk(root) if root is not None else ():
                if isinstance(e, Global) and isinstance(e.target, Function) and id(e.target) not in used:
                    used.add(id(e.target))
                    todo.append(e.target)
                elif isinstance(e, Global) and isinstance(e.target, Constructor) and e.target.decl:
                    names.add(e.target.decl.name)
                for t in (getattr(e, 'ann', None), getattr(e, 'type', None)):
                    if t:
                        names_in(t, names)
                for p in getattr(e, 'params', ()):
                    if p.type:
                        names_in(p.type, names)
                if isinstance(e, Record) and e.decl:
                    names.add(e.decl.name)
                if isinstance(e, PCon):
                    names.update(d.name for d in program.types if isinstance(d, VariantDecl) and any(c.name == e.name for c in d.constructors))
    while True:
        before = len(names)
        for d in program.types:
            if d.name in names:
                for t in ([d.type] if isinstance(d, AliasDecl) else [f.type for f in d.fields] if isinstance(d, RecordDecl)
                          else [p.type for c in d.constructors for p in c.payload]):
                    names_in(t, names)
        if len(names) == before:
            break
    program.functions = [f for f in program.functions if id(f) in used]
    program.types = [d for d in program.types if d.name in names]
    for module, signature in list(program.signatures.items()):
        signature.members = [f for f in signature.members if id(f) in used]
        if not signature.members:
            del program.signatures[module]


def names_in(t, names):
    if t[0] in ('Rec', 'Var', 'Alias'):
        names.add(t[1])
    for p in parts(t):
        names_in(p, names)


def shrink(program, still_bad, seconds):
    """`still_bad` tells whether a program differs in the same way."""
    end = time.time() + seconds
    plain_style = clone(program)
    plain_style.style = 'plain'
    if still_bad(plain_style):
        program = plain_style
    smaller = clone(program)
    remove_unused(smaller)
    if still_bad(smaller):
        program = smaller
    program = simpler_whole(program, still_bad)
    program = one_section(program, still_bad)
    progress = True
    while progress and time.time() < end:
        progress = False
        for which in range(len(program.functions), -1, -1):
            at = 0
            while time.time() < end:
                owner = function_at(program, which)
                if owner is None or owner.body is None:
                    break
                places = list(slots(owner))
                # Large ones first.
                if at >= len(places):
                    break
                order = sorted(range(len(places)), key=lambda i: -size(read(places[i])))
                found = False
                n_choices = len(list(replacements(read(places[order[at]]))))
                for choice in range(n_choices):
                    candidate = clone(program)
                    slot = list(slots(function_at(candidate, which)))[order[at]]
                    options = list(replacements(read(slot)))
                    if choice >= len(options):
                        break
                    write(slot, options[choice])
                    remove_unused(candidate)
                    if time.time() > end:
                        break
                    if still_bad(candidate):
                        program, found, progress = candidate, True, True
                        break
                if not found:
                    at += 1
        program, dropped = drop_parts(program, still_bad, end)
        progress = progress or dropped
    return program


def simpler_whole(program, still_bad):
    """In one file, without signatures and tests, as far as that goes."""
    def one_file(p):
        for d in [*p.types, *p.functions]:
            d.file = 'p'
        for i, f in enumerate(p.functions):
            if any(g.name == f.name and g.module == f.module for g in p.functions[:i]):
                f.name += f'_{i}'
        p.imports = {}

    def no_signatures(p):
        p.signatures = {}

    for change in (one_file, no_signatures):
        candidate = clone(program)
        change(candidate)
        if still_bad(candidate):
            program = candidate
    for i in reversed(range(len(program.tests))):
        candidate = clone(program)
        del candidate.tests[i]
        remove_unused(candidate)
        if still_bad(candidate):
            program = candidate
    return program


def one_section(program, still_bad):
    statements, at = [], program.main.body
    while isinstance(at, Seq):
        statements.append(at.first)
        at = at.rest
    for i in range(1, len(statements), 2):
        candidate = clone(program)
        at = candidate.main.body
        for _ in range(i):
            at = at.rest
        at.rest = Int(0)
        candidate.main.body = at
        remove_unused(candidate)
        if still_bad(candidate):
            return candidate
    for i in range(len(program.functions)):     # or nothing of it has to run
        candidate = clone(program)
        candidate.main.body = Int(0)
        candidate.keep = [candidate.functions[i]]
        remove_unused(candidate)
        if still_bad(candidate):
            return candidate
    return program


def function_at(program, which):
    if which == 0:
        return program.main
    return program.functions[which - 1] if which <= len(program.functions) else None


def drop_parts(program, still_bad, end):
    """Tries without each arm, clause and list element."""
    dropped = False
    lists = lambda p: [(f.clauses) for f in p.functions] + [e.arms for f in [*p.functions, p.main] if f.body is not None
                                                             for e in walk(f.body) if isinstance(e, Match) and len(e.arms) > 1] + \
        [e.items for f in [*p.functions, p.main] if f.body is not None for e in walk(f.body) if isinstance(e, ListOf)]
    i = 0
    while i < len(lists(program)) and time.time() < end:
        j = 0
        while i < len(lists(program)) and j < len(lists(program)[i]) and time.time() < end:
            candidate = clone(program)
            del lists(candidate)[i][j]
            if still_bad(candidate):
                program, dropped = candidate, True
            else:
                j += 1
        i += 1
    return program, dropped
