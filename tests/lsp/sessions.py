#!/usr/bin/env python3
"""Random sessions with polec lsp, each one's end compared with a server that knows nothing of its past.  Speaks TAP.

  sessions.py POLEC [--seed N] [--count N] [--seconds N]

A session opens programs of examples/ and files that they import, edits them token by token, asks about names, cancels, and
sends what is no message.  Then

  - every request has one answer, with a result or with an error code that fits,
  - the diagnostics are those that a fresh server tells of the same texts, and those of `polec --check`,
  - the server ends with the status that its last messages ask for, and standard error is empty.

What fails is told with its seed: `--seed N --count 1` does the same again, but for how the messages meet in batches.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from client import Server, edited, environment, frame, message, offset_of, place, uri
from tap import comment, finish, tell

EXAMPLES = pathlib.Path(__file__).parents[2] / 'examples'
FILES = ['main.pole-ir', 'other.pole-ir', 'lib/a.pole-ir', 'lib/b.pole-ir', 'lib/c.pole-ir']
NAMES = FILES * 3 + ['lib/%61.pole-ir', 'untitled:x'] # another name of a file, and no file
SMALL = ['func twice(n: Int) -> Int : n + n\n',
         'type Tree<T> = | Leaf | Node(Tree<T>, T)\nfunc leaf(t: Tree<Int>) -> Bool :\n  match t with\n  | Leaf -> true\n  | _ -> false\n',
         'module M:\n  func one() -> Int : 1\n  type Pair = { x: Int, y: Float64 }\nend\nfunc f() -> Int : M.one()\n',
         'func unused(a: Int) -> Int :\n  let b = 1 in lenght\n', '', '\n', '/* "ä€\U0001f600" */ func s() -> String : "\U0001f600ä"\n',
         'func twice(n: Int) -> Float64 : n\n']
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|[A-Za-z_]\w*|\d+(?:\.\d+)?|->|<-|[=<>!]=|\s+|.', re.S)
ODD_TEXTS = ['', ' ', '\n', '\r\n', '\r', '\ufeff', '\0', '"', '/*', '*/', '//', '(', ')', '\U0001f600', 'ä', '€', '\u2028', '\x7f', 'import ', 'import lib.a as A\n',
             'end', 'module M:\n', '1' * 400, 'x' * 300, '(' * 500, '\\', "'"]
DOCUMENT_REQUESTS = ['hover', 'definition', 'references', 'documentHighlight', 'documentSymbol', 'codeAction']
INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, PARSE, CANCELLED = -32600, -32601, -32602, -32700, -32800


def program(chance):
    text = chance.choice(SMALL) if chance.random() < 0.6 else chance.choice(sorted(EXAMPLES.glob('*.pole-ir'))).read_text()
    for _ in range(chance.choice((0, 1, 1, 2))):
        name = chance.choice('abc')
        text = chance.choice((f'import lib.{name}\n', f'import lib.{name} as {name.upper()}\n', f'import {name}\n')) + text
        if chance.random() < 0.5:
            text += f'func use_{name}() -> Int : {chance.choice((name, name.upper()))}.twice({chance.choice(("1", "true"))})\n'
    return text


def one_name(content):
    """Of a file that is open under two names either may be told."""
    return json.loads(json.dumps(content).replace('%61', 'a'))


class Session:
    def __init__(self, polec, seed, folder):
        self.chance = random.Random(seed)
        self.polec, self.folder = polec, folder
        self.texts, self.past = {}, []   # of each open document; what undoes the last edits
        self.version, self.next_id = 0, 1000
        self.expected = {}               # by id: the codes that may come, None for a result
        self.nobody = [0, 0]             # errors without an id: at least, at most
        self.pending, self.log = b'', []
        self.units = self.chance.choice(('utf-16', 'utf-16', 'utf-8'))
        self.capabilities = {'general': {'positionEncodings': [self.units]},
                             'textDocument': {'publishDiagnostics': {'relatedInformation': self.chance.random() < 0.5},
                                              'documentSymbol': {'hierarchicalDocumentSymbolSupport': self.chance.random() < 0.5}}}
        for name in FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            if self.chance.random() < 0.6:
                (folder / name).write_bytes(program(self.chance).encode())
        self.server = Server(polec, capabilities=self.capabilities)

    # ---- Sending: in pieces that are no messages ----

    def send(self, data):
        self.pending += data
        if self.chance.random() < 0.4:
            keep = self.chance.choice((0, 0, 0, 1, 7, 40))
            at = max(0, len(self.pending) - keep)
            self.server.send(self.pending[:at])
            self.pending = self.pending[at:]
        self.drain()

    def drain(self):
        """Reads what has come, so that neither side waits for the other."""
        try:
            while True:
                self.log.append(self.server.read(0))
        except TimeoutError:
            pass

    def note(self, method, params):
        self.send(message(method, params))

    def ask(self, method, params, codes):
        id = self.chance.choice((self.next_id, self.next_id, str(self.next_id)))
        self.next_id += 1
        self.expected[id] = codes
        self.send(message(method, params, id))
        return id

    # ---- Texts ----

    def path(self, name):
        return self.folder / urllib.parse.unquote(name)

    def uri(self, name):
        return name if name.startswith('untitled:') else f'{uri(self.folder)}/{name}'

    def name_of(self):
        return self.chance.choice(NAMES)

    def open(self):
        name = self.name_of()
        self.version += 1
        text = program(self.chance)
        path = self.path(name)
        if path.exists() and self.chance.random() < 0.4:
            text = path.read_bytes().decode()
        self.texts[name] = text
        self.note('textDocument/didOpen', {'textDocument': {'uri': self.uri(name), 'languageId': 'pole-ir', 'version': self.version, 'text': text}})

    def close(self):
        name = self.name_of()
        self.texts.pop(name, None)
        self.past = [entry for entry in self.past if entry[0] != name]
        self.note('textDocument/didClose', {'textDocument': {'uri': self.uri(name)}})

    def save(self):
        name = self.name_of()
        path = self.path(name)
        self.flush()
        if self.chance.random() < 0.2:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(self.texts.get(name, program(self.chance)).encode())
        method = self.chance.choice(('textDocument/didSave', 'workspace/didChangeWatchedFiles'))
        self.note(method, {'textDocument': {'uri': self.uri(name)}, 'changes': [{'uri': self.uri(name), 'type': 2}]})

    def units_of(self, text):
        return len(text.encode('utf-16-le')) // 2 if self.units == 'utf-16' else len(text.encode())

    def place_of(self, text, offset):
        before = text[:offset]
        if before.endswith('\r') and text[offset:offset + 1] == '\n':
            return self.place_of(text, offset - 1)
        lines = re.split(r'\r\n|\n|\r', before)
        return place(len(lines) - 1, self.units_of(lines[-1]))

    def odd_place(self):
        return self.chance.choice((place(self.chance.randrange(60), self.chance.randrange(90)), place(2**31 - 1, 2**31 - 1), place(2**40, 2**62),
                                   place(0, 0), place(self.chance.randrange(9), 2**63 - 1), place(2**63 - 1, 0)))

    def replace(self, text):
        """A change of one token or a few, or of a range at random."""
        if self.chance.random() < 0.15:
            start, end = self.odd_place(), self.odd_place()
            if self.chance.random() < 0.8:
                start, end = sorted((start, end), key=lambda p: (p['line'], p['character']))
            return {'range': {'start': start, 'end': end}, 'text': self.chance.choice(ODD_TEXTS)}
        tokens = [found.span() for found in TOKEN.finditer(text)] or [(0, 0)]
        which = self.chance.randrange(len(tokens))
        start, end = tokens[which][0], tokens[min(len(tokens) - 1, which + self.chance.choice((0, 0, 0, 1, 5)))][1]
        kind = self.chance.random()
        if kind < 0.35:
            new = ''
        elif kind < 0.75:
            other = text if self.chance.random() < 0.6 else program(self.chance)
            new = self.chance.choice(TOKEN.findall(other) or [''])
        elif kind < 0.9:
            new = self.chance.choice(ODD_TEXTS)
        else:
            new = text[start:end] * 2
        if self.chance.random() < 0.3:
            end = start
        return {'range': {'start': self.place_of(text, start), 'end': self.place_of(text, end)}, 'text': new}

    def useless(self):
        """What is no change."""
        return self.chance.choice(({}, 5, None, [], {'text': 5}, {'range': {}, 'text': 'x'}, {'range': {'start': place(-1, 0), 'end': place(0, 0)}, 'text': 'x'},
                                   {'range': {'start': place(0, -5), 'end': place(0, 0)}, 'text': 'x'}, {'range': {'start': place('0', 0), 'end': place(0, 0)}, 'text': 'x'},
                                   {'range': {'start': place(0, 1.5), 'end': place(1, 0)}, 'text': 'x'}, {'range': {'start': place(0, 0)}, 'text': 'x'}))

    def change(self):
        if not self.texts:
            return self.open()
        name = self.chance.choice(list(self.texts))
        text, changes = self.texts[name], []
        for _ in range(self.chance.choice((1, 1, 1, 2, 5))):
            if self.past and self.past[-1][0] == name and self.chance.random() < 0.35:
                change = {'text': self.past.pop()[1]}
                if self.chance.random() < 0.7: # of the whole, as a range
                    change['range'] = {'start': place(0, 0), 'end': place(len(text) + 1, 0)}
            elif self.chance.random() < 0.06:
                changes.append(self.useless())
                continue
            elif self.chance.random() < 0.05:
                change = {'text': program(self.chance)}
            else:
                change = self.replace(text)
            self.past.append((name, text))
            text = edited(text, change, self.units)
            changes.append(change)
        self.texts[name] = text
        self.version += 1
        self.note('textDocument/didChange', {'textDocument': {'uri': self.uri(name), 'version': self.version}, 'contentChanges': changes})

    # ---- Questions ----

    def question(self):
        method, params, codes = self.some_question()
        id = self.ask(method, params, codes)
        if self.chance.random() < 0.15:
            self.expected[id] = codes | {CANCELLED}
            self.note('$/cancelRequest', {'id': id})

    def some_question(self):
        """A method, its parameters, and the codes that may come."""
        name = self.chance.choice(list(self.texts) or NAMES)
        where = self.odd_place()
        if name in self.texts and self.chance.random() < 0.8:
            where = self.place_of(self.texts[name], self.chance.randrange(len(self.texts[name]) + 1))
        codes = {None} if name in self.texts else {INVALID_PARAMS}
        params = {'textDocument': {'uri': self.uri(name)}, 'position': where, 'range': {'start': where, 'end': self.odd_place()},
                  'context': {'includeDeclaration': self.chance.random() < 0.5, 'diagnostics': []}}
        method = self.chance.choice(DOCUMENT_REQUESTS)
        if self.chance.random() < 0.1:
            params = self.chance.choice((None, [], 5, {}, {'textDocument': 5}, {'textDocument': {'uri': 5}}, {'textDocument': {'uri': params['textDocument']['uri'] + 'x'}}))
            codes = {INVALID_PARAMS}
        elif self.chance.random() < 0.1 and method != 'documentSymbol':
            bad = self.chance.choice((place(-1, 0), place(0, '1'), place(None, 0), place(0, 0.5), 7, None))
            params['position'] = bad
            params['range']['start'] = bad
            codes = {INVALID_PARAMS}
        return 'textDocument/' + method, params, codes

    def odd_request(self):
        method, codes = self.chance.choice((('none', NO_METHOD), ('$/none', NO_METHOD), ('', NO_METHOD), ('x' * 5000, NO_METHOD), ('%s%n', NO_METHOD),
                                            ('initialize', INVALID_REQUEST), ('textDocument/didOpen', NO_METHOD), (7, INVALID_REQUEST), (None, INVALID_REQUEST)))
        self.ask(method, self.chance.choice((None, {}, [], 'text')), {codes})
        if self.chance.random() < 0.3:
            self.nobody = [n + 1 for n in self.nobody]
            self.send(message('none', None, self.chance.choice(({}, [7], True))))

    def odd_note(self):
        self.note(self.chance.choice(('$/none', 'none', '', '$/cancelRequest', 'textDocument/didOpen', 'textDocument/didChange', 'textDocument/didClose',
                                      'initialized', 'textDocument/hover')),
                  self.chance.choice((None, {}, [], 5, {'id': None}, {'id': {}}, {'textDocument': {}}, {'textDocument': {'uri': 'file:///x', 'text': 5}},
                                      {'textDocument': {'uri': ['x'], 'text': ''}, 'contentChanges': {}})))

    # ---- What is no message ----

    def broken(self):
        """Bodies that are no JSON or no request, each with one error; and headers."""
        chance = self.chance
        kind, good = chance.randrange(6), frame(b'{"jsonrpc": "2.0", "method": "none"}') # behind what a next header would end
        if kind == 0:
            nested = chance.choice((b'[' * 5000, b'{"a":' * 5000, b'[' * 3000 + b']' * 3000))
            body = chance.choice((b'', b'{', b'nil', b'\xff\xfe', b'{"a": "\xc3"}', b'{"id": "\\ud800"}', b'{} {}', b'"x"', b'{"id": 1e999}',
                                  b'{"id": 99999999999999999999}', b'{"jsonrpc": "2.0", "method": "x', nested, b'[]', b'{}', b'[{"id": 1}]', b'{"params": 1}'))
            self.nobody = [n + 1 for n in self.nobody]
            self.send(frame(body))
        elif kind == 1:
            self.nobody = [n + 1 for n in self.nobody]
            self.send(chance.choice((b'Content-Length: \r\n\r\n', b'Content-Length: -1\r\n\r\n', b'Content-Length: 0x10\r\n\r\n', b'Content-Length: 5 5\r\n\r\n',
                                     b'Content-Type: x\r\n\r\n', b'\0\xff\xfe\n\n', b'x' * 9000 + b'\n\n')))
        elif kind == 2: # shorter than it is: the rest stands in front of the next header
            self.nobody = [n + 1 for n in self.nobody]
            body = b'{"jsonrpc": "2.0", "method": "none"}'
            self.send(b'Content-Length: %d\r\n\r\n' % chance.randrange(len(body)) + body + good)
        elif kind == 3: # longer than it is: the front of the next message is gone
            body = b'{"jsonrpc": "2.0", "method": "none"}'
            more = frame(body)
            self.nobody[0] += 1
            self.nobody[1] += 2
            self.send(b'Content-Length: %d\r\n\r\n' % (len(body) + chance.randrange(1, len(more))) + body + more + good)
        elif kind == 4:
            self.send(chance.choice((b'\r\n\r\n', b'\n', b'X-Other: 5\r\n', b'Content-Length: 5\r\n', b'garbage\r\n', b'y' * 10000)) + good)
        else:
            self.send(frame(b' \t\r\n' + chance.choice((b'{"id": 5, "result": null}', b'{"id": "watch", "error": {"code": 1}}', b'{"method": "none", "method": "x"}'))))

    # ---- A whole one ----

    def run(self, steps):
        for _ in range(steps):
            self.chance.choices((self.open, self.change, self.question, self.close, self.save, self.odd_request, self.odd_note, self.broken),
                                (4, 14, 8, 1, 1, 1, 1, 2))[0]()
        return self.end()

    def flush(self):
        """Everything is read and dealt with."""
        self.server.send(self.pending)
        self.pending = b''
        for _ in range(2): # what changed is told behind the first answer
            id, self.next_id = self.next_id, self.next_id + 1
            self.server.send(message('none', None, id))
            while True:
                answer = self.server.read()
                if 'method' not in answer and answer['id'] == id:
                    break
                self.log.append(answer)

    def end(self):
        self.flush()
        wrong = self.wrong_answers() + self.wrong_diagnostics()
        return wrong + self.wrong_end()

    def wrong_answers(self):
        wrong, seen, nobody = [], set(), 0
        for answer in self.log:
            if 'method' in answer:
                continue
            id, code = answer['id'], answer.get('error', {}).get('code')
            if ('result' in answer) == ('error' in answer):
                wrong.append(f'neither a result nor an error: {answer}')
            if id is None:
                nobody += 1
                wrong += [f'not for nobody: {answer}'] * (code not in (PARSE, INVALID_REQUEST))
            elif id in seen or id not in self.expected:
                wrong.append(f'nobody asked for {answer}')
            elif code not in self.expected[id]:
                wrong.append(f'not one of {self.expected[id]}: {answer}')
            seen.add(id)
        wrong += [f'no answer to {id!r}, of {codes}' for id, codes in self.expected.items() if id not in seen]
        if not self.nobody[0] <= nobody <= self.nobody[1]:
            wrong.append(f'{nobody} errors without an id, not {self.nobody}')
        return wrong

    def told(self, log):
        """What was published last, by URI."""
        return {content['params']['uri']: one_name(content['params']['diagnostics']) for content in log
                if content.get('method') == 'textDocument/publishDiagnostics'}

    def wrong_diagnostics(self):
        wrong, fresh = [], Session.__new__(Session)
        fresh.server, fresh.pending, fresh.log, fresh.next_id = Server(self.polec, capabilities=self.capabilities), b'', [], 1000
        for name, text in self.texts.items():
            fresh.server.open(self.uri(name), text)
        fresh.flush()
        for _ in range(8):
            method, params, _ = self.some_question()
            mine, other = self.server.ask(method, params), fresh.server.ask(method, params)
            if one_name({**mine, 'id': 0}) != one_name({**other, 'id': 0}):
                wrong.append(f'{method} {params}:\n  told {mine}\n  but fresh {other}')
        status, complaint = fresh.server.quit()
        if (status, complaint) != (0, ''):
            wrong.append(f'fresh server: {status} {complaint}')
        found, expected = self.told(self.log), self.told(fresh.log)
        for where in {*found, *expected}:
            if found.get(where, []) != expected.get(where, []):
                wrong.append(f'{where}:\n  told {found.get(where)}\n  but fresh {expected.get(where)}')
        return wrong or self.wrong_beside_compiler(expected)

    def wrong_beside_compiler(self, told):
        """Codes and places in the document itself.  All texts are saved for it; one that was no file could not be imported."""
        wrong = []
        if 'lib/%61.pole-ir' in self.texts or not all(self.path(name).exists() for name in self.texts):
            return []
        for name, text in self.texts.items():
            self.path(name).write_bytes(text.encode())
        for name, text in self.texts.items():
            path = self.path(name)
            done = subprocess.run([self.polec, '--check', '--diagnostics=json', path], capture_output=True, env=environment)
            if done.returncode not in (0, 1):
                wrong.append(f'{name}: exit status {done.returncode}, {done.stderr.decode(errors="replace")}')
                continue
            reports = [json.loads(line) for line in done.stderr.splitlines()]
            compiler = sorted((report['code'], report['line'] - 1) for report in reports if report['file'] == str(path) and report['line'])
            server = sorted((found['code'], found['range']['start']['line']) for found in told.get(self.uri(name), [])
                            if not found['message'].startswith('in an imported file: '))
            if compiler != server:
                wrong.append(f'{name}: the compiler {compiler}\n  the server {server}')
        return wrong

    def wrong_end(self):
        kind, status = self.chance.randrange(4), 1
        if kind < 2:
            self.server.ask('shutdown')
            status = 0
        if kind % 2:
            self.server.tell('exit')
        done = self.server.finish()
        return [] if done == (status, '') else [f'at the end {done}, not {status}']


def one(polec, seed):
    """What is wrong with the session of this seed."""
    with tempfile.TemporaryDirectory() as name:
        session = Session(polec, seed, pathlib.Path(name))
        try:
            return session.run(session.chance.choice((5, 20, 20, 60)))
        except (EOFError, TimeoutError, BrokenPipeError) as trouble:
            session.server.process.kill()
            return [f'{type(trouble).__name__}: {trouble} {session.server.process.stderr.read().decode()}']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('polec')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=10**9)
    parser.add_argument('--seconds', type=float, default=10**9)
    options = parser.parse_args()
    deadline, seed, failed = time.monotonic() + options.seconds, options.seed, 0
    while seed < options.seed + options.count and time.monotonic() < deadline:
        wrong = one(options.polec, seed)
        failed += bool(wrong)
        if wrong:
            comment(f'seed {seed}: ' + '\n'.join(wrong))
        seed += 1
    tell(failed == 0, f'sessions from {options.seed} to {seed - 1}', f'{failed} failed')
    finish()


if __name__ == '__main__':
    main()
