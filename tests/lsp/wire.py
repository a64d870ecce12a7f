#!/usr/bin/env python3
"""polec lsp, byte for byte: framing, the life of the server, positions, robustness.  Speaks TAP.

  wire.py POLEC
"""
import json
import random
import sys
import tempfile
import pathlib

from client import Server, Tap, frame, message, place, span, uri

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
    equal(server.waiting, [])
    server.quit()


@test
def ids():
    """an id comes back as it was: numbers, texts"""
    server = Server(polec)
    for id in (0, -1, 2**53 - 1, '', 'äöü "quoted" \\', 'x' * 10000):
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


if __name__ == '__main__':
    sys.exit(tap.end())
