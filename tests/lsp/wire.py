#!/usr/bin/env python3
"""polec lsp, byte for byte: framing, the life of the server, positions, robustness.  Speaks TAP.

  wire.py POLEC
"""
import json
import pathlib
import random
import re
import sys
import tempfile

from client import Server, Tap, edited, frame, message, place, span, uri

polec = sys.argv[1]
tap = Tap()
WRONG = 'func main() -> Int :\n  let length = 1 in lenght\n'


def test(function):
    tap.check(function.__doc__, function)


def equal(found, expected):
    if found != expected:
        raise AssertionError(f'{found!r}\n  is not {expected!r}')


def error_of(answer):
    return answer['error']['code']


# ---- Life ----

@test
def life():
    """initialize, shutdown, exit: exit status 0, nothing on standard error"""
    server = Server(polec)
    equal(server.capabilities['positionEncoding'], 'utf-16')
    equal(server.capabilities['textDocumentSync']['change'], 2)
    equal(server.quit(), (0, ''))


@test
def exit_alone():
    """exit without shutdown: exit status 1"""
    server = Server(polec)
    server.tell('exit')
    equal(server.finish(), (1, ''))


@test
def exit_at_once():
    """exit before initialize: exit status 1"""
    server = Server(polec, initialize=False)
    server.tell('exit')
    equal(server.finish(), (1, ''))


@test
def end_of_input():
    """the end of input is an end, too: 0 after shutdown, else 1"""
    server = Server(polec)
    equal(server.finish(), (1, ''))
    server = Server(polec)
    server.ask('shutdown')
    equal(server.finish(), (0, ''))


@test
def before_initialize():
    """before initialize requests are refused and notifications ignored"""
    server = Server(polec, initialize=False)
    server.open('file:///tmp/a.pole-ir', WRONG)
    equal(error_of(server.ask('textDocument/hover', {})), -32002)
    equal(error_of(server.ask('shutdown')), -32002)
    server.ask('initialize', {'processId': None, 'capabilities': {}})
    equal(server.waiting, [])
    server.quit()


@test
def twice():
    """a second initialize is refused, and so is everything after shutdown"""
    server = Server(polec)
    equal(error_of(server.ask('initialize', {'capabilities': {}})), -32600)
    server.ask('shutdown')
    equal(error_of(server.ask('textDocument/hover', {})), -32600)
    equal(error_of(server.ask('shutdown')), -32600)
    server.tell('exit')
    equal(server.finish(), (0, ''))


@test
def unknown():
    """unknown requests get MethodNotFound, unknown notifications nothing"""
    server = Server(polec)
    server.tell('$/setTrace', {'value': 'off'})
    server.tell('no/such/notification')
    equal(error_of(server.ask('no/such/request')), -32601)
    equal(error_of(server.ask('$/no/such/request')), -32601)
    equal(error_of(server.ask(5)), -32600)
    server.send(message('none', id={}) + message('none', id=True))
    equal([(answer['id'], error_of(answer)) for answer in (server.read(), server.read())], [(None, -32600)] * 2)
    equal(server.waiting, [])
    server.quit()


@test
def ids():
    """an id comes back as it was: numbers, texts"""
    server = Server(polec)
    for id in (0, -1, 2**53, 1.5, -0.25, '', 'äöü "quoted" \\', 'x' * 10000):
        server.send(message('none', id=id))
        equal(server.read()['id'], id)
    server.quit()


@test
def cancelling():
    """a request that is cancelled in time is answered with RequestCancelled, the others are answered"""
    server = Server(polec)
    server.send(message('none', id=7) + message('none', id=8) + message('none', id='7')
                + message('$/cancelRequest', {'id': 7}) + message('$/cancelRequest', {'id': 99}))
    equal([(answer['id'], error_of(answer)) for answer in (server.read(), server.read(), server.read())],
          [(7, -32800), (8, -32601), ('7', -32601)])
    server.tell('$/cancelRequest', {'id': 8})
    server.tell('$/cancelRequest')
    server.quit()


# ---- Framing ----

@test
def byte_by_byte():
    """messages may come byte by byte"""
    server = Server(polec)
    for byte in message('none', id=1):
        server.send(bytes([byte]))
    equal(error_of(server.read()), -32601)
    server.quit()


@test
def headers():
    """headers: any case, any order, others ignored, LF alone tolerated"""
    server = Server(polec)
    body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'none'}).encode()
    for head in (b'content-length: %d\r\n\r\n', b'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n',
                 b'CONTENT-LENGTH:%d\r\nContent-Type: x\r\n\r\n', b'Content-Length:   %d \n\n', b'\r\n\r\nContent-Length: %d\r\n\r\n'):
        server.send(head % len(body) + body)
        equal(error_of(server.read()), -32601)
    server.quit()


@test
def broken():
    """what cannot be read is told, and the next message is understood"""
    server = Server(polec)
    good = message('none', id=1)
    for data, code in ((frame(b'{'), -32700), (frame(b''), -32700), (frame(b'\xff\xfe{}'), -32700), (frame(b'[' * 100000), -32700),
                       (frame(b'"text"'), -32700), (frame(b'[]'), -32600), (frame(b'{}'), -32600), (frame(b'{"id": 1}x'), -32700),
                       (b'Content-Type: x\r\n\r\n', -32700), (b'Content-Length: many\r\n\r\n', -32700), (b'Content-Length: -5\r\n\r\n', -32700)):
        server.send(data + good)
        equal((error_of(server.read()), error_of(server.read())), (code, -32601))
    equal(server.quit(), (0, ''))


@test
def wrong_length():
    """after a body that is longer or shorter than its header said, the stream is found again"""
    server = Server(polec)
    good = message('none', id=1)
    for body, length in ((b'{"jsonrpc": "2.0", "method": "x"}', 10), (b'{"jsonrpc": "2.0", "method": "x"}', 60)):
        server.send(b'Content-Length: %d\r\n\r\n' % length + body + good + good)
        while error_of(server.read()) != -32601:
            pass
    server.buffer, server.waiting = b'', []
    equal(server.quit(), (0, ''))


@test
def garbage():
    """megabytes of garbage do not stop the stream"""
    server = Server(polec)
    chance = random.Random(7)
    for data in (b'x' * 3000000, bytes(3000000), chance.randbytes(500000), b'\n' * 100000, b'a: b\r\n' * 100000):
        server.send(data + b'\r\n\r\n' + message('none', id=1))
        while True:
            answer = server.read()
            if answer['id'] == 1:
                break
    equal(server.quit(), (0, ''))


@test
def too_large():
    """a message that is too large is told and passed over"""
    server = Server(polec)
    size = (1 << 28) + 1
    server.send(b'Content-Length: %d\r\n\r\n' % size)
    for _ in range(size // (1 << 20)):
        server.send(bytes(1 << 20))
    server.send(bytes(size % (1 << 20)) + message('none', id=1))
    equal((error_of(server.read()), error_of(server.read())), (-32600, -32601))
    server.quit()


@test
def odd_params():
    """parameters of the wrong shape do no harm"""
    server = Server(polec)
    server.open('file:///a', 'func main() -> Int : 0\n')
    equal(server.diagnostics('file:///a'), [])
    for params in (None, [], {}, 5, 'text', {'textDocument': 5}, {'textDocument': {'uri': 7}}, {'textDocument': {'uri': 'file:///a'}},
                   {'textDocument': {'uri': 'file:///a'}, 'position': {'line': -1, 'character': 0}},
                   {'textDocument': {'uri': 'file:///a'}, 'position': {'line': 2**40, 'character': 2**62}},
                   {'textDocument': {'uri': 'file:///a'}, 'contentChanges': 5}, {'textDocument': {'uri': 'file:///a'}, 'contentChanges': [5, {}, {'text': 5}]},
                   {'textDocument': {'uri': 'file:///a'}, 'contentChanges': [{'range': {}, 'text': 'x'}]},
                   {'textDocument': {'uri': 'file:///a'}, 'contentChanges': [{'range': {'start': place(5, 0), 'end': place(0, 0)}, 'text': 'x'}]},
                   {'textDocument': {'uri': 'file:///a', 'text': 5}}):
        for method in ('didOpen', 'didChange', 'didClose', 'didSave'):
            if params != {'textDocument': {'uri': 'file:///a'}} or method not in ('didClose',):
                server.tell('textDocument/' + method, params)
        for method in ('hover', 'definition', 'documentSymbol', 'codeAction'):
            server.ask('textDocument/' + method, params)
    equal(server.quit(), (0, ''))


@test
def closed_output():
    """a client that no longer reads: exit status 4"""
    server = Server(polec)
    server.process.stdout.close()
    server.send(message('none', id=1))
    equal(server.process.wait(60), 4)
    equal('cannot write standard output' in server.process.stderr.read().decode(), True)
    server.process.stdin.close()
    server.process.stderr.close()


# ---- Diagnostics ----

@test
def diagnostics():
    """a diagnostic with code, severity, range and the data of its suggestion; none when it is closed"""
    server = Server(polec)
    server.open('file:///tmp/a.pole-ir', WRONG, 3)
    found = server.diagnostics('file:///tmp/a.pole-ir', 3)
    equal(found, [{'range': span(1, 20, 26), 'severity': 1, 'code': 'E204', 'source': 'polec',
                   'message': "undefined name 'lenght'\ndid you mean 'length'?", 'data': {'range': span(1, 20, 26), 'newText': 'length'}}])
    server.tell('textDocument/didClose', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}})
    equal(server.diagnostics('file:///tmp/a.pole-ir'), [])
    server.quit()


@test
def related():
    """further places, if the client knows them"""
    for known in (False, True):
        server = Server(polec, capabilities={'textDocument': {'publishDiagnostics': {'relatedInformation': known}}})
        server.open('file:///tmp/a.pole-ir', 'func f() -> Int : (let inner = 1 in inner) + inner\n')
        found, = server.diagnostics('file:///tmp/a.pole-ir')
        equal((found['code'], found['range']), ('E204', span(0, 45, 50)))
        equal(found.get('relatedInformation'), [{
            'location': {'uri': 'file:///tmp/a.pole-ir', 'range': span(0, 23, 28)},
            'message': 'its scope ends with the branch, ( ) or clause that it stands in'}] if known else None)
        server.quit()


# ---- Names ----

PROGRAM = """\
import lib.shapes as S
type Point = { x: Int, y: Float64 }
type Tree<T> = | Leaf | Node(Tree<T>, T)
module M:
  func twice(n: Int) -> Int
    requires n > 0 : n + n
end
func first<A, B>(a: A, b: B) -> A : a
extern puts: (String) -> Int
@test(1 == 1)
func main() -> Int :
  let point = { x = 1, y = 2.0 } in
  let tree = Node(Leaf, "äö") in
  let f = \k -> k + point.x in
  let n = first(f(3), true) in
  match tree with
  | Leaf -> M.twice(n)
  | Node(_, text) -> S.area(n) + String.length(text)
"""
SHAPES = 'func helper(n: Int) -> Int : n\nfunc area(side: Int) -> Int : helper(side * side)\n'


def at(text, word, which=0, inside=0):
    """The position of the which-th occurrence of a word."""
    offset = -1
    for _ in range(which + 1):
        offset = text.index(word, offset + 1)
    before = text[:offset + inside]
    return place(before.count('\n'), len(before) - (before.rfind('\n') + 1))


def within(folder, capabilities=None):
    """A server with the program open, and its URI."""
    (folder / 'lib').mkdir()
    (folder / 'lib/shapes.pole-ir').write_text(SHAPES)
    server = Server(polec, capabilities=capabilities)
    path = uri(folder / 'main.pole-ir')
    server.open(path, PROGRAM)
    equal(server.diagnostics(path), [])
    return server, path


@test
def hovering():
    """hover: kind, type, declaration"""
    with tempfile.TemporaryDirectory() as name:
        server, path = within(pathlib.Path(name))

        def shown(word, which=0, inside=0):
            answer = server.ask('textDocument/hover', {'textDocument': {'uri': path}, 'position': at(PROGRAM, word, which, inside)})['result']
            return answer and answer['contents']['value']
        equal(shown('point', 1), 'point: Point\nlocal variable')
        equal(shown('point', 0), 'point: Point\nlocal variable')
        equal(shown('tree', 1), 'tree: Tree<String>\nlocal variable')
        equal(shown('f(3)'), 'f: Int -> Int\nlocal variable')
        equal(shown('f(3)', 0, 1), 'f: Int -> Int\nlocal variable')
        equal(shown('k + '), 'k: Int\nlocal variable')
        equal(shown('k ->'), 'k: Int\nlocal variable')
        equal(shown('.x in', 0, 1), 'x: Int\nfield')
        equal(shown('y: Float64'), 'y: Float64\nfield')
        equal(shown('first(f'), 'func first<A, B>(a: A, b: B) -> A\nfunction, here (Int, Bool) -> Int')
        equal(shown('first<'), 'func first<A, B>(a: A, b: B) -> A\nfunction')
        equal(shown(': a\n', 0, 2), 'a: A\nlocal variable')
        equal(shown('A, b'), 'A\ntype parameter')
        equal(shown('.twice', 0, 3), 'func twice(n: Int) -> Int\n    requires n > 0\nfunction')
        equal(shown('M.twice'), 'module M\nmodule')
        equal(shown('puts'), 'extern puts: (String) -> Int\nfunction in C')
        equal(shown('Point ='), 'type Point = { x: Int, y: Float64 }\ntype')
        equal(shown('Tree<T>,'), 'type Tree<T> = | Leaf | Node(Tree<T>, T)\ntype')
        equal(shown('Node(Leaf'), 'Node(Tree<T>, T): Tree<String>\nconstructor')
        equal(shown('Leaf ->'), 'Leaf: Tree<String>\nconstructor')
        equal(shown('Node(Tree'), 'Node(Tree<T>, T)\nconstructor')
        equal(shown('String.length', 0, 8), 'length: String -> Int\nbuilt-in')
        equal(shown('String.length'), 'String\nbuilt-in module')
        equal(shown('Int, y'), 'Int\nbuilt-in type')
        equal(shown('.area', 0, 1), 'func area(side: Int) -> Int\nfunction')
        equal(shown('S.area').startswith('S\nmodule, '), True)
        equal(shown('1 == 1'), None)
        equal(shown('match'), None)
        server.quit()


@test
def markdown():
    """hover in Markdown, if the client knows it; columns in UTF-16 or bytes"""
    for encoding, start in (('utf-16', 24), ('utf-8', 29)):
        server = Server(polec, capabilities={'textDocument': {'hover': {'contentFormat': ['markdown']}},
                                             'general': {'positionEncodings': ['utf-16', encoding]}})
        equal(server.capabilities['positionEncoding'], encoding)
        server.open('file:///tmp/a.pole-ir', 'func f(n: Int) -> Int :\r\n  let s = "ä\U0001f600€" in n + String_length(s)\r\n')
        answer = server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}, 'position': place(1, start + 3)})['result']
        equal(answer, {'contents': {'kind': 'markdown', 'value': '```pole-ir\nString_length: String -> Int\n```\nbuilt-in'}, 'range': span(1, start, start + 13)})
        server.quit()


@test
def definitions():
    """go to definition: locals, functions, constructors, types, fields, modules, imports"""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server, path = within(folder)

        def goes(word, which, target, target_which=0, text=PROGRAM, file=path, length=None):
            answer = server.ask('textDocument/definition', {'textDocument': {'uri': path}, 'position': at(PROGRAM, word, which)})['result']
            start = at(text, target, target_which)
            end = place(start['line'], start['character'] + (len(word) if length is None else length))
            equal(answer, {'uri': file, 'range': {'start': start, 'end': end}})
        goes('point', 1, 'point')
        goes('tree', 1, 'tree')
        goes('text', 1, 'text')
        goes('k', 1, 'k ')
        goes('first', 1, 'first')
        goes('main', 0, 'main')
        goes('Node', 1, 'Node')
        goes('Node', 2, 'Node')
        goes('Leaf', 2, 'Leaf')
        goes('Tree', 1, 'Tree')
        goes('x', PROGRAM[:PROGRAM.index('point.x') + 6].count('x'), 'x: Int')
        goes('M', 1, 'M')
        goes('twice', 1, 'twice')
        shapes = uri(folder / 'lib/shapes.pole-ir')
        goes('area', 0, 'area', 0, SHAPES, shapes)
        goes('S.area', 0, 'func', 0, SHAPES, shapes, 0)
        goes('shapes', 0, 'func', 0, SHAPES, shapes, 0)
        answer = server.ask('textDocument/definition', {'textDocument': {'uri': path}, 'position': at(PROGRAM, 'String.length')})
        equal(answer['result'], None)
        server.quit()


@test
def references():
    """references and highlights of a name"""
    with tempfile.TemporaryDirectory() as name:
        server, path = within(pathlib.Path(name))
        params = {'textDocument': {'uri': path}, 'position': at(PROGRAM, 'tree', 0), 'context': {'includeDeclaration': False}}
        spans = [{'start': start, 'end': place(start['line'], start['character'] + 4)} for start in (at(PROGRAM, 'tree', i) for i in range(2))]
        equal([found['range'] for found in server.ask('textDocument/references', params)['result']], spans[1:])
        equal([found['range'] for found in server.ask('textDocument/documentHighlight', params)['result']], spans)
        server.quit()


@test
def outline():
    """document symbols: nested, or flat for a client that knows no other"""
    with tempfile.TemporaryDirectory() as name:
        server, path = within(pathlib.Path(name), {'textDocument': {'documentSymbol': {'hierarchicalDocumentSymbolSupport': True}}})
        found = server.ask('textDocument/documentSymbol', {'textDocument': {'uri': path}})['result']

        def brief(symbols):
            return [(s['name'], s['kind'], brief(s['children'])) if s.get('children') else (s['name'], s['kind']) for s in symbols]
        equal(brief(found), [('Point', 23, [('x', 8), ('y', 8)]), ('Tree', 10, [('Leaf', 22), ('Node', 22)]), ('M', 2, [('twice', 12)]),
                             ('first', 12), ('puts', 12), ('@test(1 == 1)', 24), ('main', 12)])
        module = found[2]
        equal(module['range'], {'start': at(PROGRAM, 'module'), 'end': at(PROGRAM, 'end', 0, 3)})
        equal(module['selectionRange'], {'start': at(PROGRAM, 'M'), 'end': at(PROGRAM, 'M', 0, 1)})
        equal(module['children'][0]['range'], {'start': at(PROGRAM, 'func'), 'end': at(PROGRAM, 'n + n', 0, 5)})
        equal(found[-1]['range']['end'], at(PROGRAM, 'length(text)', 0, 12))

        def inside(symbols, outer):
            for s in symbols:
                corners = [(s[key][end]['line'], s[key][end]['character']) for key, end in
                           (('range', 'start'), ('selectionRange', 'start'), ('selectionRange', 'end'), ('range', 'end'))]
                equal(corners, sorted(corners))
                equal(outer[0] <= corners[0] and corners[-1] <= outer[1], True)
                inside(s.get('children', []), (corners[0], corners[-1]))
        inside(found, ((0, 0), (1000, 0)))
        server.quit()
        server, path = within(pathlib.Path(tempfile.mkdtemp(dir=name)))
        found = server.ask('textDocument/documentSymbol', {'textDocument': {'uri': path}})['result']
        equal([(s['name'], s.get('containerName')) for s in found][:6],
              [('Point', None), ('x', 'Point'), ('y', 'Point'), ('Tree', None), ('Leaf', 'Tree'), ('Node', 'Tree')])
        server.quit()


@test
def outline_of_signatures():
    """document symbols of a signature, and a name of more than 200 bytes"""
    with tempfile.TemporaryDirectory() as name:
        server, path = within(pathlib.Path(name), {'textDocument': {'documentSymbol': {'hierarchicalDocumentSymbolSupport': True}}})
        long = 'f' * 300
        server.open(path, f'signature Order<T>:\n  type Key\n  func less: T -> Bool\nend\nfunc {long}() -> Int : 1\n')
        found = server.ask('textDocument/documentSymbol', {'textDocument': {'uri': path}})['result']
        equal([(s['name'], s['kind']) for s in found[0]['children']], [('Key', 5), ('less', 6)])
        equal((found[0]['name'], found[0]['kind']), ('Order', 11))
        equal(found[1]['name'], 'f' * 199)
        server.quit()


@test
def quick_fixes():
    """a quick fix replaces the misspelled name, in the form that the client knows"""
    text = 'func twice(n: Int) -> Int : n + n\nfunc main() -> Int : twize(1) + twicf(2)\n'
    for changes in (False, True):
        server = Server(polec, capabilities={'workspace': {'workspaceEdit': {'documentChanges': changes}}})
        server.open('file:///a', text, 7)

        def actions(word, **context):
            span = {'start': at(text, word), 'end': at(text, word, 0, 1)}
            return server.ask('textDocument/codeAction', {'textDocument': {'uri': 'file:///a'}, 'range': span,
                                                          'context': {'diagnostics': [], **context}})['result']
        for word in ('twize', 'twicf'):
            found = actions(word)
            equal([(a['title'], a['kind'], a['isPreferred']) for a in found], [(f"Replace '{word}' by 'twice'", 'quickfix', True)])
            edits = [{'range': {'start': at(text, word), 'end': at(text, word, 0, 5)}, 'newText': 'twice'}]
            equal(found[0]['edit'], {'documentChanges': [{'textDocument': {'uri': 'file:///a', 'version': 7}, 'edits': edits}]}
                  if changes else {'changes': {'file:///a': edits}})
        equal(actions('func'), [])
        equal(len(actions('twize', only=['quickfix'])), 1)
        equal(len(actions('twize', only=['refactor', ''])), 1)
        equal(actions('twize', only=['refactor', 5]), [])
        equal(actions('twize', only=[]), [])
        whole = server.ask('textDocument/codeAction', {'textDocument': {'uri': 'file:///a'}, 'range': {'start': place(0, 0), 'end': place(9, 0)}})
        equal(len(whole['result']), 2)
        equal(server.quit(), (0, ''))


@test
def long_hovers():
    """hover: a declaration of several kilobytes is cut, between characters"""
    server = Server(polec)
    text = 'func long() -> Int requires String.length("' + 'ä' * 5000 + '") > 0 : 1\nfunc main() -> Int : long()\n'
    server.open('file:///a', text)
    shown = server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///a'}, 'position': at(text, 'long', 1)})['result']['contents']['value']
    head = 'func long() -> Int requires String.length("'
    equal(shown, head + 'ä' * ((2000 - len(head)) // 2) + ' ...\nfunction')
    server.quit()


# ---- Texts that change ----

@test
def edits():
    """after any edits the diagnostics are those of the same text opened anew"""
    chance = random.Random(11)
    pieces = ['func f(n: Int) -> Int : n\n', 'lenght', ' ', '\r\n', '\r', '\n', '"\U0001f600ä"', '(', ')', '/* € */', 'let x = 1 in x', 'type T = | A | B\n', '']
    server, text = Server(polec), 'func main() -> Int :\n  let length = 1 in length\n'
    server.open('file:///tmp/a.pole-ir', text, 0)
    for version in range(1, 301):
        changes = []
        for _ in range(chance.randrange(1, 4)):
            first, last = sorted((chance.randrange(8), chance.randrange(30)) for _ in range(2))
            change = {'range': {'start': place(*first), 'end': place(*last)}, 'text': chance.choice(pieces)}
            if chance.random() < 0.05:
                change = {'text': ''.join(chance.choices(pieces, k=12))}
            changes.append(change)
            text = edited(text, change)
        server.change('file:///tmp/a.pole-ir', version, *changes)
        if version % 10 == 0:
            text = ' ' + text
            server.change('file:///tmp/a.pole-ir', 1000 + version, {'range': span(0, 0, 0), 'text': ' '})
            server.open(f'file:///tmp/fresh{version}.pole-ir', text)
            fresh = server.diagnostics(f'file:///tmp/fresh{version}.pole-ir')
            server.tell('textDocument/didClose', {'textDocument': {'uri': f'file:///tmp/fresh{version}.pole-ir'}})
            equal(server.diagnostics('file:///tmp/a.pole-ir', 1000 + version), fresh)
    equal(server.quit(), (0, ''))


@test
def unsaved():
    """an imported file counts as it is in the editor; what is wrong there is told at the import"""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server, path = within(folder, {'textDocument': {'publishDiagnostics': {'relatedInformation': True}}})
        shapes = uri(folder / 'lib/shapes.pole-ir')
        server.open(shapes, SHAPES.replace('area', 'room'))
        equal([(found['code'], found['message'].split('\n')[0]) for found in server.diagnostics(path)], [('E204', "undefined name 'S.area'")])
        server.change(shapes, 2, {'text': SHAPES.replace(': n', ': 1.5')})
        found, = server.diagnostics(path)
        equal((found['code'], found['range'], found['message']), ('E201', span(0, 7, 10), 'in an imported file: expected Int, found Float64\nuse float_to_int'))
        equal(found['relatedInformation'][0]['location'], {'uri': shapes, 'range': span(0, 29, 32)})
        server.tell('textDocument/didClose', {'textDocument': {'uri': shapes}})
        equal(server.diagnostics(path), [])
        server.quit()


@test
def import_of_itself():
    """a file that imports itself, and is then deleted: no byte has changed, but the import fails"""
    with tempfile.TemporaryDirectory() as name:
        file = pathlib.Path(name, 'a.pole-ir')
        file.write_text('import a\n')
        server = Server(polec)
        server.open(uri(file), 'import a\n')
        equal(server.diagnostics(uri(file)), [])
        file.unlink()
        server.tell('textDocument/didSave', {'textDocument': {'uri': uri(file)}})
        equal([found['code'] for found in server.diagnostics(uri(file))], ['E108'])
        server.quit()


@test
def byte_order_mark():
    """a byte order mark is a character of the first line"""
    server = Server(polec)
    server.open('file:///tmp/a.pole-ir', '\ufefffunc main() -> Int : lenght\n')
    found, = server.diagnostics('file:///tmp/a.pole-ir')
    equal(found['range'], span(0, 22, 28))
    answer = server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}, 'position': place(0, 7)})['result']
    equal(answer['range'], span(0, 6, 10))
    server.quit()


@test
def no_file():
    """a text that is no file, and odd URIs"""
    server = Server(polec)
    for odd in ('untitled:Untitled-1', 'file:///tmp/%C3%A4%20b%25.pole-ir', 'file:///tmp/%zz', 'file:///tmp/%00', '', 'file:///' + 'x' * 5000, 'FILE://localhost/tmp/x'):
        server.open(odd, WRONG)
        equal([found['code'] for found in server.diagnostics(odd)], ['E204'])
        equal(server.ask('textDocument/definition', {'textDocument': {'uri': odd}, 'position': place(1, 7)})['result']['uri'], odd)
    server.quit()


def resident(server):
    return int(re.search(r'VmRSS:\s+(\d+)', pathlib.Path(f'/proc/{server.process.pid}/status').read_text())[1])


@test
def bounded():
    """thousands of edits, questions and documents: memory stays where it was"""
    server = Server(polec)
    text = ''.join(f'func f{i}(n: Int) -> Int : let k = n * {i} in if k > 3 then k else f{i}(k + 1)\n' for i in range(300))
    server.open('file:///tmp/a.pole-ir', text)
    sizes = []
    for round in range(4):
        for i in range(500):
            server.change('file:///tmp/a.pole-ir', i, {'range': span(i % 300, 10, 10), 'text': ' '}, {'range': span(i % 300, 10, 11), 'text': ''},
                          {'range': span(i % 300, 33, 33), 'text': '1 + '}, {'range': span(i % 300, 33, 37), 'text': ''})
            if i % 10 == 0:
                server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}, 'position': place(5, 6)})
                server.ask('textDocument/documentSymbol', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}})
        for i in range(100):
            server.open(f'file:///tmp/b{i}.pole-ir', text)
        # All are open at once in every round, whether or not the closing is read together with the opening.
        server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///tmp/b99.pole-ir'}, 'position': place(5, 6)})
        for i in range(100):
            server.tell('textDocument/didClose', {'textDocument': {'uri': f'file:///tmp/b{i}.pole-ir'}})
        server.ask('textDocument/hover', {'textDocument': {'uri': 'file:///tmp/a.pole-ir'}, 'position': place(5, 6)})
        server.waiting.clear()
        sizes.append(resident(server))
    if sizes[-1] > sizes[0] + 24000: # how much comes in one batch is chance; one text kept at each change would be 36000
        raise AssertionError(f'KiB resident: {sizes}')
    equal(server.quit(), (0, ''))


@test
def many():
    """a thousand open documents, and one that is too many"""
    server = Server(polec)
    for i in range(1001):
        server.open(f'file:///tmp/{i}.pole-ir', WRONG)
        if i < 1000:
            equal(len(server.diagnostics(f'file:///tmp/{i}.pole-ir')), 1)
    told = server.receive(lambda content: content.get('method') == 'window/showMessage')
    equal('too many open files' in told['params']['message'], True)
    equal(server.quit(), (0, ''))


if __name__ == '__main__':
    sys.exit(tap.end())
