"""A client of the language server that knows nothing but bytes: headers, bodies, and what must come back."""
import json
import os
import pathlib
import re
import select
import subprocess
import time

environment = {name: value for name, value in os.environ.items() if not name.startswith('POLEC_')}


def frame(body):
    return b'Content-Length: %d\r\n\r\n' % len(body) + body


def message(method, params=None, id=None):
    content = {'jsonrpc': '2.0', 'method': method}
    if id is not None:
        content['id'] = id
    if params is not None:
        content['params'] = params
    return frame(json.dumps(content, ensure_ascii=False).encode())


class Server:
    def __init__(self, polec, *options, initialize=True, capabilities=None):
        self.process = subprocess.Popen([polec, 'lsp', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment, bufsize=0)
        self.buffer, self.waiting, self.next_id = b'', [], 1
        if initialize:
            self.capabilities = self.ask('initialize', {'processId': os.getpid(), 'rootUri': None, 'capabilities': capabilities or {}})['result']['capabilities']
            self.tell('initialized', {})

    def send(self, data):
        self.process.stdin.write(data)

    def read(self, seconds=60):
        """The next message; raises EOFError at the end, TimeoutError if none comes."""
        deadline = time.monotonic() + seconds
        while True:
            head, found, rest = self.buffer.partition(b'\r\n\r\n')
            if found:
                name, _, length = head.partition(b': ')
                assert name == b'Content-Length', head
                if len(rest) >= int(length):
                    self.buffer = rest[int(length):]
                    content = json.loads(rest[:int(length)])
                    assert content['jsonrpc'] == '2.0'
                    return content
            if not select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(self.buffer[:200])
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                raise EOFError(self.process.stderr.read().decode())
            self.buffer += data

    def receive(self, wanted, seconds=60):
        """The first message that is wanted; the others wait."""
        for content in self.waiting:
            if wanted(content):
                self.waiting.remove(content)
                return content
        while not wanted(content := self.read(seconds)):
            self.waiting.append(content)
        return content

    def tell(self, method, params=None):
        self.send(message(method, params))

    def ask(self, method, params=None):
        id, self.next_id = self.next_id, self.next_id + 1
        self.send(message(method, params, id))
        return self.receive(lambda content: content.get('id') == id and 'method' not in content)

    def open(self, uri, text, version=1):
        self.tell('textDocument/didOpen', {'textDocument': {'uri': uri, 'languageId': 'pole-ir', 'version': version, 'text': text}})

    def change(self, uri, version, *changes):
        self.tell('textDocument/didChange', {'textDocument': {'uri': uri, 'version': version}, 'contentChanges': list(changes)})

    def diagnostics(self, uri, version=None):
        """What was published for the document, and for this version of it."""
        def wanted(content):
            params = content.get('params', {})
            return (content.get('method') == 'textDocument/publishDiagnostics' and params['uri'] == uri
                    and (version is None or params.get('version') == version))
        return self.receive(wanted)['params']['diagnostics']

    def finish(self):
        """Exit status after the end of input, and what was told on standard error."""
        self.process.stdin.close()
        status = self.process.wait(60)
        told = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return status, told

    def quit(self):
        answer = self.ask('shutdown')
        assert answer['result'] is None
        self.tell('exit')
        return self.finish()


def uri(path):
    return pathlib.Path(path).absolute().as_uri()


def place(line, character):
    return {'line': line, 'character': character}


def span(line, start, end, end_line=None):
    return {'start': place(line, start), 'end': place(line if end_line is None else end_line, end)}


def units_of(character, encoding):
    return len(character.encode()) if encoding == 'utf-8' else 1 + (ord(character) > 0xFFFF)


def offset_of(text, position, encoding='utf-16'):
    """What the server takes for this place."""
    lines = re.split(r'(?<=\n)|(?<=\r)(?!\n)', text)
    if position['line'] >= len(lines):
        return len(text)
    line, units, n = lines[position['line']].rstrip('\r\n'), 0, 0
    for character in line:
        units += units_of(character, encoding)
        if units > position['character']:
            break
        n += 1
    return sum(map(len, lines[:position['line']])) + n


def edited(text, change, encoding='utf-16'):
    """The text after a change; one that ends before it begins is none."""
    if 'range' not in change:
        return change['text']
    start, end = (offset_of(text, change['range'][name], encoding) for name in ('start', 'end'))
    return text[:start] + change['text'] + text[end:] if end >= start else text


class Tap:
    """Each function given to `check` is a test: it fails by raising."""
    def __init__(self):
        self.count = self.failures = 0

    def check(self, name, function, *arguments):
        self.count += 1
        try:
            function(*arguments)
            print('ok', self.count, '-', name, flush=True)
        except Exception as trouble:
            self.failures += 1
            print('not ok', self.count, '-', name)
            for line in f'{type(trouble).__name__}: {str(trouble)[:3000]}'.splitlines():
                print('#', line, flush=True)

    def end(self):
        print(f'1..{self.count}')
        return self.failures > 0
