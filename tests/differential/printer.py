"""Writes a program down and tells each node where it stands, as FILE:LINE:COL."""
import random

from tree import *

BODY, EXPR, CTRL, IMPLIES, OR, AND, CMP, ADD, MUL, UNARY, APP, POST, NATOM = range(13)
LEVELS = {'=>': IMPLIES, '||': OR, '&&': AND, '==': CMP, '!=': CMP, '<': CMP, '>': CMP, '<=': CMP, '>=': CMP,
          '+': ADD, '-': ADD, '*': MUL, '/': MUL, '%': MUL}
SPELLINGS = {'||': ['||', 'or'], '&&': ['&&', 'and'], '=>': ['=>', '==>']}
ESCAPES = {10: '\\n', 9: '\\t', 13: '\\r', 92: '\\\\', 34: '\\"', 0: '\\0'}
DECLARATIONS = {'func', 'type', 'extern', 'module', 'signature', 'import', 'end', '@'}
KEYWORDS = {'let', 'in', 'if', 'then', 'else', 'match', 'with', 'lazy', 'and', 'or', 'not', 'requires', 'ensures'}
BREAK = '\n'      # a token that the layout may make a line end


class Tight(str):
    """A token that plain layout sets without the usual spaces."""


class Mark:
    def __init__(self, owner, attribute='pos'):
        self.owner, self.attribute = owner, attribute


def level_of(e):
    if isinstance(e, Seq):
        return BODY
    if isinstance(e, Let):
        return BODY if level_of(e.body) == BODY else EXPR
    if isinstance(e, (If, Match, Lambda)):
        return CTRL
    if isinstance(e, Binary):
        return LEVELS[e.op]
    if isinstance(e, Unary) or (isinstance(e, Int) and e.value < 0) or (isinstance(e, Float) and e.text[0] == '-'):
        return UNARY
    if isinstance(e, Call):
        return APP if e.juxtaposed else POST
    if isinstance(e, Field):
        return NATOM if level_of(e.value) == NATOM else POST
    if isinstance(e, (Tuple, Ascribe, Unit)):
        return POST
    return NATOM


def ends_in_match(e):
    """Would a `|` behind it be taken for one more arm?"""
    while True:
        if isinstance(e, Match):
            return True
        if isinstance(e, (Let, Lambda)):
            e = e.body
        elif isinstance(e, If):
            e = e.other
        else:
            return False


def path_of(file):
    return file + '.pole-ir'


class Printer:
    """Of one file."""

    def __init__(self, program, file, rng):
        self.program, self.file, self.rng = program, file, rng
        self.tokens = []
        self.module = None
        self.called = {}        # type: how a signature calls it

    def put(self, *tokens):
        self.tokens.extend(tokens)

    def commas(self, items, write, trailing=True):
        for i, item in enumerate(items):
            if i:
                self.put(',')
            write(item)
        if trailing and items and self.rng.random() < .05:
            self.put(',')

    # ---- types ----

    def type(self, t):
        k = t[0]
        if t in self.called:
            self.put(self.called[t])
        elif k == 'Unit':
            self.put('Unit') if self.rng.random() < .5 else self.put('(', ')')
        elif k in ('TP', 'Int', 'Nat', 'Float64', 'Bool', 'String'):
            self.put(t[1] if k == 'TP' else k)
        elif k in ('List', 'Option', 'Result', 'Map', 'Ptr'):
            self.arguments('HashMap' if k == 'Map' else k, t[1:])
        elif k in ('Rec', 'Var', 'Alias'):
            self.arguments(t[1], t[2])
        elif k == 'Tuple':
            self.put('(')
            self.commas(t[1], self.type, False)
            self.put(')')
        elif k == 'Anon':
            self.put('{')
            self.commas(t[1], lambda f: (self.put(f[0], ':'), self.type(f[1])))
            self.put('}')
        else:
            self.function_type(t)

    def arguments(self, name, args):
        self.put(name)
        if args:
            self.put(Tight('<'))
            self.commas(args, self.type, False)
            self.put(Tight('>'))

    def function_type(self, t):
        _, params, result = t
        arrow = lambda: self.rng.choice(['->', '->', '->', '->', '->IO'])
        if self.rng.random() < .5:
            self.put('(')
            self.commas(params, lambda p: (self.put('('), self.type(p), self.put(')')) if p[0] == 'Tuple' else self.type(p), False)
            self.put(')', arrow())
        else:
            for p in params:
                if p[0] in ('Fun', 'Tuple'):    # a tuple in front of an arrow would be a list of parameters
                    self.put('(')
                    if p[0] == 'Tuple':
                        self.put('(')
                    self.commas(p[1], self.type, False) if p[0] == 'Tuple' else self.type(p)
                    self.put(')')
                    if p[0] == 'Tuple':
                        self.put(')')
                else:
                    self.type(p)
                self.put(arrow())
        self.type(result)

    # ---- expressions ----

    def expr(self, e, level=EXPR):
        own = level_of(e)
        if own < level or (own < NATOM and own > BODY and self.rng.random() < .02):
            self.put('(')
            self.expr(e, BODY)
            self.put(')')
            return
        getattr(self, 'write_' + type(e).__name__)(e, level)

    def write_Int(self, e, level):
        self.put(Mark(e), *(['-'] if e.value < 0 else []), str(abs(e.value)))

    def write_Float(self, e, level):
        self.put(Mark(e), *(['-', e.text[1:]] if e.text[0] == '-' else [e.text]))

    def write_Str(self, e, level):
        out = ''.join(ESCAPES.get(ord(c), c) for c in e.value.decode('utf-8'))
        self.put(Mark(e), '"' + out + '"')

    def write_Bool(self, e, level):
        self.put(Mark(e), 'true' if e.value else 'false')

    def write_Unit(self, e, level):
        self.put(Mark(e), '(', ')')

    def write_Var(self, e, level):
        self.put(Mark(e), e.name)

    def write_Global(self, e, level):
        target = e.target
        path = target.name.split('.')
        if isinstance(target, Function) and not target.extern:
            abroad = target.file != self.file
            if target.module and (abroad or target.module != self.module):
                path = [target.module, *path]
            if abroad:
                path = [self.program.imports[self.file, target.file], *path]
        for i, name in enumerate(path):
            if i:
                self.put('.')
            if i == len(path) - 1:
                self.put(Mark(e))
            self.put(name)

    def write_Let(self, e, level):
        self.put(Mark(e), 'let')
        self.pattern(e.pattern)
        if e.ann:
            self.put(':', Mark(e, 'ann_pos'))
            self.type(e.ann)
        self.put('=')
        if e.lazy:
            self.put('lazy')
        self.expr(e.value, EXPR)
        self.put('in', BREAK)
        self.expr(e.body, BODY if level == BODY else EXPR)

    def write_Seq(self, e, level):
        self.expr(e.first, CTRL)
        self.put('in' if e.stray else ';', BREAK)
        self.expr(e.rest, BODY)

    def write_If(self, e, level):
        self.put(Mark(e), 'if')
        self.expr(e.cond)
        self.put('then')
        self.expr(e.then)
        self.put('else')
        self.expr(e.other)

    def write_Match(self, e, level):
        self.put(Mark(e), 'match')
        self.expr(e.value)
        self.put('with')
        for i, arm in enumerate(e.arms):
            if i or self.rng.random() < .8:
                self.put(BREAK, '|')
            self.pattern(arm.pattern)
            self.put('->')
            if i < len(e.arms) - 1 and ends_in_match(arm.body):
                self.put('(')
                self.expr(arm.body, BODY)
                self.put(')')
            else:
                self.expr(arm.body)

    def write_Lambda(self, e, level):
        self.put(Mark(e), '\\')
        for p in e.params:
            if p.type:
                self.put('(', Mark(p), p.name, ':')
                self.type(p.type)
                self.put(')')
            else:
                self.put(Mark(p), p.name)
        self.put('->')
        self.expr(e.body)

    def write_Binary(self, e, level):
        own = LEVELS[e.op]
        left, right = (OR, IMPLIES) if own == IMPLIES else (ADD, ADD) if own == CMP else (own, own + 1)
        self.expr(e.left, left)
        self.put(Mark(e), self.rng.choice(SPELLINGS.get(e.op, [e.op])))
        self.expr(e.right, right)

    def write_Unary(self, e, level):
        self.put(Mark(e), e.op)
        # A minus in front of a literal would be part of the number 2^63.
        self.expr(e.operand, NATOM if isinstance(e.operand, (Int, Float)) and e.op == '-' else UNARY)

    def write_Call(self, e, level):
        self.expr(e.head, POST)
        arguments = [a for one in e.lists for a in one]
        # f (x) y has two argument lists, and the first one picks the arity of list_get.
        picks_arity = isinstance(e.head, Global) and isinstance(e.head.target, Builtin) and e.head.target.key in ('get', 'get_or')
        if e.juxtaposed and not (picks_arity and level_of(arguments[0]) < NATOM):
            first_list = True       # until something without parentheses has made the rest arguments one by one
            for a in arguments:
                first_list = first_list and level_of(a) < NATOM
                self.put('(') if first_list else None
                self.expr(a, EXPR if first_list else NATOM)
                self.put(')') if first_list else None
            return
        for one in e.lists:
            self.put('(')
            self.commas(one, self.expr)
            self.put(')')

    def write_Field(self, e, level):
        self.expr(e.value, POST)
        self.put('.', Mark(e), e.label)

    def write_Record(self, e, level):
        self.put(Mark(e), '{')
        self.commas(e.inits, lambda i: (self.put(i[0], self.rng.choice(':=')), self.expr(i[1])))
        self.put('}')

    def write_Tuple(self, e, level):
        self.put(Mark(e), '(')
        self.expr(e.items[0], BODY)
        for item in e.items[1:]:
            self.put(',')
            self.expr(item)
        self.put(')')

    def write_ListOf(self, e, level):
        self.put(Mark(e), '[')
        self.commas(e.items, self.expr)
        self.put(']')

    def write_Ascribe(self, e, level):
        self.put(Mark(e), '(')
        self.expr(e.value, BODY)
        self.put(':', Mark(e, 'ann_pos'))
        self.type(e.type)
        self.put(')')

    # ---- patterns ----

    def pattern(self, p):
        if isinstance(p, PWild):
            self.put('_')
        elif isinstance(p, PVar):
            self.put(p.name)
        elif isinstance(p, PConst):
            self.expr(p.value, BODY)
        elif isinstance(p, PCon):
            self.put(p.name)
            if p.items:
                self.put('(')
                self.commas(p.items, self.pattern, False)
                self.put(')')
        elif isinstance(p, PRecord):
            self.put('{')
            for i, (label, sub) in enumerate(p.fields):
                self.put(*([','] if i else []), label)
                if sub is not None:
                    self.put(self.rng.choice(':='))
                    self.pattern(sub)
            self.put(*([',', '...'] if p.rest else []), '}')
        else:
            bracket = '()' if isinstance(p, PTuple) else '[]'
            self.put(bracket[0])
            self.commas(p.items, self.pattern, False)
            self.put(bracket[1])

    # ---- declarations ----

    def tparams(self, names):
        if names:
            self.put(Tight('<'))
            self.commas(names, lambda n: self.put(n), False)
            self.put(Tight('>'))

    def declaration(self, d):
        if isinstance(d, Function):
            self.function(d)
            return
        self.put(BREAK, Mark(d), 'type', d.name)
        self.tparams(d.tparams)
        self.put('=')
        if isinstance(d, AliasDecl):
            self.type(d.type)
        elif isinstance(d, RecordDecl):
            self.put('{')
            self.commas(d.fields, self.field)
            self.put('}')
        else:
            lone = len(d.constructors) == 1
            if (lone and not d.constructors[0].payload) or self.rng.random() < .4:
                self.put('|')
            for i, c in enumerate(d.constructors):
                if i:
                    self.put('|')
                self.put(Mark(c), c.name)
                if c.payload:
                    self.put('(')
                    self.commas(c.payload, lambda p: (self.put(Mark(p)), self.type(p.type)), False)
                    self.put(')')

    def field(self, f):
        self.put(Mark(f), f.label, ':')
        self.type(f.type)

    def function(self, f):
        if f.extern:
            self.extern(f)
            return
        for test in self.program.tests:
            if test.function is f and not test.trailing:
                self.test(test)
        if self.rng.random() < .04:
            self.put(BREAK, '@', self.rng.choice(['inline', 'pure', 'source("generator")', 'reasoning("none (yet)")']))
        self.put(BREAK, Mark(f), 'func', f.name)
        if not f.implicit:
            self.tparams(f.tparams)
        self.put('(')
        self.commas(f.params, lambda p: (self.put(Mark(p), p.name, ':'), self.type(p.type)))
        self.put(')', '->', Mark(f, 'result_pos'))
        self.type(f.result)
        for c in f.clauses:
            self.put(BREAK, Mark(c), 'ensures' if c.ensures else 'requires')
            self.expr(c.value)
        self.put(':', BREAK)
        self.expr(f.body, BODY)
        self.put(BREAK)

    def extern(self, f):
        if f.name in ('printf', 'sprintf'):
            self.put(BREAK, 'extern', f.name, ':', '(')
            for p in f.params:
                self.type(p.type)
                self.put(',')
            self.put('...', ')', '->', 'Int', ';')
            return
        if self.rng.random() < .5:
            self.put(BREAK, 'extern', f.name, ':', '(')
            self.commas([p.type for p in f.params], self.type, False)
            self.put(')', '->')
            self.type(f.result)
            return
        self.put(BREAK, '@', 'extern')
        self.put(*self.rng.choice([[], ['(', f'"{f.name}"', ')'], ['(', 'name', '=', f'"{f.name}"', ')']]))
        self.put(BREAK, 'func', f.name, '(')
        self.commas(f.params, lambda p: (self.put(p.name, ':'), self.type(p.type)))
        self.put(')', '->')
        self.type(f.result)

    def test(self, test):
        self.put(BREAK, Mark(test), '@', 'test_case' if test.function else 'test', '(')
        given = []
        if not test.function:
            given.append((None, test.expected))
        elif test.by_name:
            given += [(p.name, value) for p, value in zip(test.function.params, test.inputs)]
            self.rng.shuffle(given)
        elif len(test.inputs) > 1:
            given.append(('input', Tuple(test.inputs)))
        elif test.inputs and not isinstance(test.inputs[0], Unit):
            given.append(('input', test.inputs[0]))
        if test.function and test.expected is not None:
            given.append(('expected', test.expected))
        self.commas(given, lambda g: (self.put(g[0], '=') if g[0] else None, self.expr(g[1])), False)
        self.put(')', BREAK)

    def signature(self, s):
        self.put(BREAK, 'signature', s.name)
        if s.tparam:
            self.tparams(['T'])
            self.called = {s.tparam: 'T'}
        self.put(':', BREAK)
        for f in s.members:
            self.put('func', f.name, ':')
            self.put(*(['(', ')', '->'] if not f.params else []))
            self.function_type(('Fun', tuple(p.type for p in f.params), f.result)) if f.params else self.type(f.result)
            self.put(BREAK)
        self.called = {}
        self.put('end', BREAK)

    def trailing_tests(self, f):
        for test in self.program.tests:
            if test.trailing and test.function is f:
                self.test(test)

    def start_module(self, name):
        signature = self.program.signatures.get(name)
        if signature:
            self.signature(signature)
        self.put(BREAK, 'module', name)
        if signature:
            self.put(':', signature.name)
            if signature.tparam:
                self.put(Tight('<'))
                self.type(signature.tparam)
                self.put(Tight('>'))
        self.put(':', BREAK)

    def print(self):
        program = self.program
        for (here, there), name in sorted(program.imports.items()):
            if here == self.file and there in program.files():
                self.put(BREAK, 'import', there, *(['as', name] if name != there else []), BREAK)
        last = None
        for d in [*program.types, *program.functions, program.main]:
            if d.file != self.file and not getattr(d, 'extern', False):
                continue
            module = getattr(d, 'module', None)
            if module != self.module:
                if self.module:
                    self.trailing_tests(last)
                    self.put(BREAK, 'end', BREAK)
                if module:
                    self.start_module(module)
                self.module = module
            self.declaration(d)
            last = d
        if self.module:
            self.trailing_tests(last)
            self.put(BREAK, 'end', BREAK)
        if self.file == 'p':
            for test in program.tests:
                if not test.function:
                    self.test(test)
        return self.lay_out()

    # ---- layout ----

    def lay_out(self):
        style, rng = self.program.style, self.rng
        out = []
        line, column = 1, 1
        marks = []
        depth = 0
        last = '\n'

        def emit(text):
            nonlocal line, column
            out.append(text)
            i = 0
            while i < len(text):
                c = text[i]
                if c == '\r' and text[i + 1:i + 2] == '\n':
                    i += 1
                if c in '\r\n':
                    line, column = line + 1, 1
                else:
                    column += 1
                i += 1

        def separated(a, b):
            """May these two tokens touch?"""
            if a[-1] in '([{,;)]}\n' and not (a[-1] in ')]}' and b == ''):
                return True
            return b[0] in ')]},;('

        eol = rng.choice(['\n', '\r\n', '\r']) if style == 'wild' else '\n'
        for i, token in enumerate(self.tokens):
            if isinstance(token, Mark):
                marks.append(token)
                continue
            if token == BREAK:
                if last != '\n' and (style == 'plain' or rng.random() < .5):
                    following = next((t for t in self.tokens[i:] if isinstance(t, str) and t != BREAK), '')
                    emit(eol + ('' if following in DECLARATIONS else '  ' * min(depth + 1, 8)))
                    last = '\n'
                continue
            if token in (')', ']', '}'):
                depth -= 1
            if style == 'plain':
                if token in ('(', '['):
                    space = last[-1] not in '_()[.\\' and not (last[-1].isalnum() and last not in KEYWORDS) and last != Tight('<')
                else:
                    space = last not in ('(', '[', '.', '\\', '@') and token not in (')', ']', ',', ';', '.', ':')
                if space and last != '\n' and not isinstance(token, Tight) and not (isinstance(last, Tight) and last == '<'):
                    emit(' ')
            else:
                gap = ''
                r = rng.random()
                if r < .6 and last != '\n':
                    gap = ' '
                elif r < .7:
                    gap = rng.choice(['  ', '\t', eol, ' /* -> ) */', ' /**/ ', ' // in ü' + eol, ' ' + eol + ' ', ' /* a' + eol + 'b */'])
                elif not separated(last, token):
                    gap = ' '
                emit(gap)
            for mark in marks:
                setattr(mark.owner, mark.attribute, f'{path_of(self.file)}:{line}:{column}')
            marks.clear()
            emit(token)
            if token in ('(', '[', '{'):
                depth += 1
            last = token
        if style == 'plain':
            emit('\n')
        return ''.join(out)


def to_source(program):
    """The text of each file, by its path; fills in the positions."""
    rng = random.Random(program.seed)
    return {path_of(file): Printer(program, file, rng).print() for file in program.files()}
