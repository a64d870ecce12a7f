"""
Shapes of programs that grow: SHAPES[name] is a tuple of texts and of functions from a number to pieces of text; write()
makes the file of so many parts.  Shapes of several files, and of command lines, are in FOLDERS: functions that write the
files of so many parts and return the arguments.
"""
import itertools
import os


def repeat(text):
    return lambda n: itertools.repeat(text, n)


def numbered(text):
    return lambda n: (text.replace('#', str(i)) for i in range(n))


def after_next(text):
    """`#` is the number of the part, `^` that of the one before it."""
    return lambda n: (text.replace('#', str(i)).replace('^', str(i - 1)) for i in range(1, n + 1))


def shape(*parts, result='Int', before=''):
    """A function whose body is the parts; those that are functions give as many pieces as there are to be."""
    return (before + f'func f(x: Int) -> {result} :\n', *parts, '\n')


def nested(opener, middle, closer, **rest):
    return shape(repeat(opener), middle, repeat(closer), **rest)


G = 'func g(x: Int) -> Int : x\n'
U = 'func u(x: Int) -> Unit : ()\n'
PRINTF = '@variadic\nextern printf: (String) -> Int;\n'
LIST = 'func f(x: List<Int>) -> Int : match x with | '

NESTING = {
    'nested parentheses': nested('(', '1', ')'), 'nested lists': nested('[', '1', ']'),
    'nested records': nested('{a = ', '1', '}'), 'nested calls': nested('g(', '1', ')', before=G),
    'nested lambdas': nested('\\y -> ', '1', ''), 'nested values of let': nested('let y = ', '1', ' in y'),
    'nested conditions': nested('if ', 'true', ' then true else false', result='Bool'),
    'nested matches': nested('match 1 with | y -> ', '1', ''),
    'nested branches': nested('if true then ', '1', ' else 2'), 'nested ascriptions': nested('(', '1', ': Int)'),
    'nested list types': ('func f(x: ', repeat('List<'), 'Int', repeat('>'), ') -> Int : 1\n'),
    'nested tuple types': ('func f(x: ', repeat('(Int, '), 'Int', repeat(')'), ') -> Int : 1\n'),
    'nested record types': ('func f(x: ', repeat('{a: '), 'Int', repeat('}'), ') -> Int : 1\n'),
    'nested function types': ('func f(x: ', repeat('('), 'Int', repeat(') -> Int'), ') -> Int : 1\n'),
    'nested constructor patterns': shape('match x with | ', repeat('Some('), 'y', repeat(')'), ' -> 1'),
    'nested tuple patterns': shape('match x with | ', repeat('(y, '), 'y', repeat(')'), ' -> 1'),
    'nested list patterns': shape('match x with | ', repeat('['), 'y', repeat(']'), ' -> 1'),
    'nested modules': (repeat('module M :\n'), repeat('end '), '\n'),
    'nested annotations': ('@what(', repeat('('), '1', repeat(')'), ')\nfunc f() -> Int : 1\n'),
}
CHAINS = {
    **{f'chain of {op}': shape('x', repeat(f' {op} 3')) for op in ('+', '-', '*', '/', '%')},
    **{f'chain of {op}': shape('true', repeat(f' {op} x == 1'), result='Bool') for op in ('&&', 'and', '||', 'or', '==>')},
    'chain of minus': shape(repeat('- '), 'x'), 'chain of not': shape(repeat('not '), 'true', result='Bool'),
    'chain of calls in +': shape('x', repeat('\n+ g(x)'), before=G),
    'arrows': ('func f(x: ', repeat('Int -> '), 'Int) -> Int : 1\n'),
    'else if': shape(numbered('if x == # then # else\n'), '0'),
    'else if of one value': shape(repeat('if x == 0 then 1 else\n'), '2'),
    'statements': shape(repeat('u(x);\n'), 'x', before=U),
    'statements of formats': shape(numbered('printf("%d %s\\n", #, "#");\n'), 'x', before=PRINTF),
    'lets, one name': shape(repeat('let y = x in\n'), 'x'), 'lets, many names': shape(numbered('let y# = x + # in\n'), 'x'),
    'lets of strings': shape(numbered('let y# = g("#") in\n'), 'x', before='func g(x: String) -> Int : 1\n'),
    'lets of divisions': shape('let y0 = x in\n', after_next('let y# = # / y^ in\n'), 'x'),
    'lazy values': shape(repeat('let y = lazy g(x) in\n'), 'x', before=G),
    'field access': ('type R0 = { n: Int }\n', after_next('type R# = { n: R^ }\n'),
                     lambda n: [f'func f(r: R{n}) -> Int : r.n'], repeat('.n'), '\n'),
    'field access that fails': shape('let r = g(0) in r', repeat('.n'), '; 0',
                                     before='type N = { n: Int }\nfunc g(x: Int) -> N : {n = x}\n'),
    'applications': ('func g(z: Int', numbered(', a#: Int'), ') -> Int : z\n', *shape('g(x)', repeat('(x)'))),
    'applications that are too many': shape('g', repeat('(x)'), before=G),
    'juxtaposed arguments': ('func g(z: Int', numbered(', a#: Int'), ') -> Int : z\n', *shape('g x', repeat(' x'))),
    'arguments of a format': shape('printf("', repeat('%d '), '"', repeat(', x'), ')', before=PRINTF),
    'arms of numbers': shape('match x with\n', numbered('| # -> # + 1\n'), '| _ -> 0'),
    'arms of one number': shape('match x with\n', repeat('| 7 -> 1\n'), '| _ -> 0'),
    'arms of strings': ('func f(x: String) -> Int : match x with\n', numbered('| "#" -> #\n'), '| _ -> 0\n'),
    'arms of constructors': ('type V = A', numbered(' | C#(Int)'), '\nfunc f(v: V) -> Int : match v with | A -> 0',
                             numbered('\n| C#(y) -> y'), '\n'),
    'arms of pairs': ('func f(x: (Int, Int)) -> Int : match x with\n', numbered('| (#, 1) -> #\n'), '| _ -> 0\n'),
}
BREADTH = {
    'elements of a list': shape('[', repeat('x,\n'), ']', result='List<Int>'),
    'elements of a list of strings': shape('[', numbered('"#",\n'), ']', result='List<String>'),
    'members of a tuple': ('func f(x: Int) -> Int : let t = (', repeat('x, '), 'x) in x\n'),
    'fields of a record': ('type R = { ', numbered('a#: Int, '), 'z: Int }\nfunc f(r: R) -> Int : r.z\n'),
    'fields of a record literal': shape('let r = { ', numbered('a# = x, '), 'z = x } in r.z'),
    'parameters': ('func f(', numbered('a#: Int, '), 'z: Int) -> Int : z\n'),
    'parameters of a lambda': shape('let l = \\', numbered('a# '), '-> 1 in x'),
    'type parameters': ('func f<', numbered('A#, '), 'Z>(x: Int) -> Int : x\n'),
    'elements of a list pattern': (LIST + '[', repeat('_, '), '_] -> 1 | _ -> 0\n'),
    'constructors': ('type V = A', numbered(' | C#'), '\nfunc f(x: Int) -> V : A\n'),
    'contracts': ('func f(x: Int) -> Int ', repeat('requires x > 0 '), ': x\n'),
    'functions': (numbered('func f#(x: Int) -> Int : x + #\n'),),
    'functions of one name': (repeat('func f(x: Int) -> Int : x\n'),),
    'functions that call the next': ('func f(x: Int) -> Int : x\n', numbered('func f#(x: Int) -> Int : f(x) + #\n')),
    'externs': (numbered('extern e#: (Int) -> Int;\n'),), 'types': (numbered('type R# = { a#: Int }\n'),),
    'calls of externs': (numbered('extern e#: (Int) -> Int;\n'), *shape(numbered('e#(x) +\n'), 'x')),
    'aliases of aliases': ('type R0 = Int\n', after_next('type R# = R^\n')),
    'modules': (numbered('module M# : func f() -> Int : 1 end\n'),),
    'modules of one name': (repeat('module M : func f() -> Int : 1 end\n'),),
    'modules of one name, many members': (numbered('module M : func f#() -> Int : 1 end\n'),),
    'members of a module': ('module M :\n', numbered('func f#() -> Int : #\n'), 'end\n'),
    'members of a signature': ('signature S :\n', numbered('func f#: Int -> Int\n'), 'end\nmodule M : S :\n',
                               numbered('func f#(x: Int) -> Int : x\n'), 'end\n'),
    'signatures': (numbered('signature S# : func f: Int -> Int end\nmodule M# : S# : func f(x: Int) -> Int : x end\n'),),
    'test cases': (numbered('@test_case(x=#, expected=#)\n'), 'func f(x: Int) -> Int : x\n'),
    'tests': (numbered('@test(# == #)\n'), 'func f(x: Int) -> Int : x\n'),
    'annotations': (repeat('@inline\n'), 'func f(x: Int) -> Int : x\n'),
    'unknown annotations': (repeat('@what\n'), 'func f(x: Int) -> Int : x\n'),
    'imports of nothing': (numbered('import a#\n'),),
    'instances': ('type B<T> = { b: T }\nfunc g<T>(x: T) -> B<T> : {b = x}\n', numbered('type R# = { a#: Int }\n'),
                  numbered('func f#(x: R#) -> B<R#> : g(x)\n')),
    'lambdas side by side': shape(numbered('let f# = \\y -> y + x + # in\n'), 'x'),
    'calls of lambdas': shape(numbered('(\\y -> y + x + #)(#) +\n'), 'x'),
    'equality of variants of variants': ('type R0 = A0(Int)\n', after_next('type R# = A#(R^) | B#\n'),
                                         lambda n: [f'func f(a: R{n}, b: R{n}) -> Bool : a == b\n']),
}
LONG_TEXTS = {
    'one name': ('func ', repeat('a'), '() -> Int : ', repeat('a'), '()\n'),
    'one name that is not known': ('func f() -> Int : ', repeat('a'), '()\n'),
    'one string': ('func f() -> String : "', repeat('a'), '"\n'), 'one comment': ('/*', repeat('a'), '*/'),
    'one string that is not closed': ('func f() -> String : "', repeat('a')),
    'one number': shape(repeat('0'), '1'), 'one number that is too large': shape(repeat('9')),
    'one format': shape('printf("', repeat('a%%'), '")', before=PRINTF),
    'a line of 100 bytes a part': shape('x', repeat(' + x' + ' ' * 96)),
    'line ends': (repeat('\n'), 'func f(x: Int) -> Int : 1 / x\n'),
    'errors': (numbered('func f#(x: Int) -> Int : y#\n'),), 'characters that are none': (repeat('$'),),
    'warnings': shape(repeat('x in\n'), 'x'),
    'errors of syntax': (repeat('func func\n'),), 'opening brackets': shape(repeat('([{')),
    'closing brackets': (repeat(')]}'),),
}
SHAPES = {'one function': shape('x'), **NESTING, **CHAINS, **BREADTH, **LONG_TEXTS}
END = 'func main() -> Int : 0\n'


def write(path, parts, n):
    with open(path, 'w') as file:
        for part in parts:
            if callable(part):
                file.writelines(part(n))
            else:
                file.write(part)
        file.write(END)


def write_text(path, text):
    with open(path, 'w') as file:
        file.write(text)


def import_chain(n, last=''):
    for i in range(n):
        write_text(f'm{i}.pole-ir', (f'import m{i + 1}\n' if i + 1 < n else last) + f'func f{i}(x: Int) -> Int : x\n')
    write_text('source.pole-ir', 'import m0\nfunc main() -> Int : m0.f0(0)\n')
    return ['source.pole-ir']


def import_cycle(n):
    return import_chain(n, 'import m0\n')


def wide_imports(n):
    import_chain(n)
    write_text('source.pole-ir', ''.join(f'import m{i}\n' for i in range(n)) + END)
    return ['source.pole-ir']


def imports_of_one(n):
    write_text('m.pole-ir', 'func f(x: Int) -> Int : x\n')
    write_text('source.pole-ir', ''.join(f'import m as M{i}\n' for i in range(n)) + END)
    return ['source.pole-ir']


def options(text, path=''):
    def of_file(n):
        write_text('source.pole-ir', END)
        write_text('options', ''.join(text.replace('#', str(i)) for i in range(n)) + path * n + 'source.pole-ir\n')
        return ['@options']
    return of_file


FOLDERS = {
    'chain of imports': import_chain, 'cycle of imports': import_cycle, 'imports side by side': wide_imports,
    'imports of one file': imports_of_one, 'options': options('-I directory#\n'), 'options that are repeated': options('-q\n'),
    'a long path': options('', './'), 'files that are not there': options('none#.pole-ir\n'),
}
