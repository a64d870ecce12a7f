// polec lsp with the client that editors use: vscode-languageserver-protocol.  Speaks TAP.
//
//   node library.js POLEC FOLDER     FOLDER: empty, for the programs
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const assert = require('assert');
const { pathToFileURL } = require('url');
const p = require('vscode-languageserver-protocol/node');

const [polec, folder] = process.argv.slice(2);
let count = 0, failures = 0;

async function test(name, run) {
  let trouble;
  try {
    await run();
  } catch (error) {
    trouble = error;
  }
  count++;
  failures += trouble !== undefined;
  console.log(`${trouble === undefined ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (trouble !== undefined) console.log(String(trouble.stack).replace(/^/gm, '# '));
}

class Client {
  constructor() {
    this.server = spawn(polec, ['lsp'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.exit = new Promise((resolve) => this.server.on('exit', resolve));
    this.connection = p.createProtocolConnection(this.server.stdout, this.server.stdin);
    this.published = [];
    this.waiting = [];
    this.registered = [];
    this.connection.onNotification(p.PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
      this.waiting.splice(0).forEach((wake) => wake());
    });
    this.connection.onRequest(p.RegistrationRequest.type, (params) => { this.registered.push(...params.registrations); });
    this.connection.listen();
  }

  async start() {
    const capabilities = {
      general: { positionEncodings: ['utf-16'] },
      workspace: { workspaceEdit: { documentChanges: true }, didChangeWatchedFiles: { dynamicRegistration: true } },
      textDocument: {
        publishDiagnostics: { relatedInformation: true, dataSupport: true, versionSupport: true },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
        hover: { contentFormat: ['markdown', 'plaintext'] },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      },
    };
    this.initialized = await this.connection.sendRequest(p.InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities });
    await this.connection.sendNotification(p.InitializedNotification.type, {});
  }

  open(uri, text, version = 1) {
    return this.connection.sendNotification(p.DidOpenTextDocumentNotification.type,
      { textDocument: p.TextDocumentItem.create(uri, 'pole-ir', version, text) });
  }

  change(uri, version, ...contentChanges) {
    return this.connection.sendNotification(p.DidChangeTextDocumentNotification.type, { textDocument: { uri, version }, contentChanges });
  }

  async diagnostics(uri, version) {
    for (;;) {
      const i = this.published.findIndex((params) => params.uri === uri && (version === undefined || params.version === version));
      if (i >= 0) return this.published.splice(i, 1)[0].diagnostics;
      await new Promise((resolve) => this.waiting.push(resolve));
    }
  }

  async stop() {
    await this.connection.sendRequest(p.ShutdownRequest.type);
    await this.connection.sendNotification(p.ExitNotification.type);
    const status = await this.exit;
    this.connection.dispose();
    return status;
  }
}

const WRONG = 'func main() -> Int :\n  let length = 1 in lenght\n';

async function main() {
  const client = new Client();
  const uri = pathToFileURL(path.join(folder, 'a b ä.pole-ir')).href;

  await test('initialize tells what the server can do', async () => {
    await client.start();
    const can = client.initialized.capabilities;
    assert.strictEqual(can.positionEncoding, p.PositionEncodingKind.UTF16);
    assert.strictEqual(can.textDocumentSync.change, p.TextDocumentSyncKind.Incremental);
    assert(can.hoverProvider && can.definitionProvider && can.documentSymbolProvider && can.codeActionProvider);
    assert.strictEqual(client.initialized.serverInfo.name, 'polec');
  });

  await test('diagnostics', async () => {
    await client.open(uri, WRONG);
    const [found] = await client.diagnostics(uri, 1);
    assert(p.Diagnostic.is(found));
    assert.strictEqual(found.code, 'E204');
    assert.strictEqual(found.severity, p.DiagnosticSeverity.Error);
    assert.deepStrictEqual(found.range, p.Range.create(1, 20, 1, 26));
  });

  await test('a quick fix that helps', async () => {
    const range = p.Range.create(1, 22, 1, 22);
    const [action] = await client.connection.sendRequest(p.CodeActionRequest.type, { textDocument: { uri }, range, context: { diagnostics: [] } });
    assert(p.CodeAction.is(action));
    assert.strictEqual(action.title, "Replace 'lenght' by 'length'");
    const [edit] = action.edit.documentChanges;
    assert(p.TextDocumentEdit.is(edit));
    assert.strictEqual(edit.textDocument.version, 1);
    await client.change(uri, 2, { range: edit.edits[0].range, text: edit.edits[0].newText });
    assert.deepStrictEqual(await client.diagnostics(uri, 2), []);
    const none = await client.connection.sendRequest(p.CodeActionRequest.type, { textDocument: { uri }, range, context: { diagnostics: [], only: ['refactor'] } });
    assert.deepStrictEqual(none, []);
  });

  await test('hover', async () => {
    const hover = await client.connection.sendRequest(p.HoverRequest.type, { textDocument: { uri }, position: p.Position.create(1, 21) });
    assert(p.Hover.is(hover));
    assert(hover.contents.value.includes('length: Int'));
  });

  await test('definition, references and highlights', async () => {
    const params = { textDocument: { uri }, position: p.Position.create(1, 21) };
    const place = { uri, range: p.Range.create(1, 6, 1, 12) };
    assert.deepStrictEqual(await client.connection.sendRequest(p.DefinitionRequest.type, params), place);
    const all = await client.connection.sendRequest(p.ReferencesRequest.type, { ...params, context: { includeDeclaration: true } });
    assert.deepStrictEqual(all.map((found) => found.range), [place.range, p.Range.create(1, 20, 1, 26)]);
    const lit = await client.connection.sendRequest(p.DocumentHighlightRequest.type, params);
    assert.strictEqual(lit.length, 2);
  });

  await test('document symbols', async () => {
    const symbols = await client.connection.sendRequest(p.DocumentSymbolRequest.type, { textDocument: { uri } });
    assert(symbols.every((symbol) => p.DocumentSymbol.is(symbol)));
    assert.deepStrictEqual(symbols.map((symbol) => symbol.name), ['main']);
  });

  await test('characters that UTF-16 writes in two', async () => {
    await client.change(uri, 3, { text: 'func main() -> Int : let s = "😀😀" in lenght\n' });
    const [found] = await client.diagnostics(uri, 3);
    assert.deepStrictEqual(found.range, p.Range.create(0, 39, 0, 45));
    await client.change(uri, 4, { range: p.Range.create(0, 32, 0, 34), text: 'x' }, { range: p.Range.create(0, 38, 0, 44), text: '0' });
    assert.deepStrictEqual(await client.diagnostics(uri, 4), []);
  });

  await test('an import is checked with its file, and again when that is saved', async () => {
    fs.writeFileSync(path.join(folder, 'other.pole-ir'), 'func one() -> Int : 1\n');
    const user = pathToFileURL(path.join(folder, 'user.pole-ir')).href;
    await client.open(user, 'import other\nfunc main() -> Int : other.one()\n');
    assert.deepStrictEqual(await client.diagnostics(user, 1), []);
    fs.writeFileSync(path.join(folder, 'other.pole-ir'), 'func one() -> Int : 1.5\n');
    await client.connection.sendNotification(p.DidChangeWatchedFilesNotification.type, { changes: [] });
    const [found] = await client.diagnostics(user);
    assert.deepStrictEqual([found.code, found.range], ['E201', p.Range.create(0, 7, 0, 12)]);
    assert.strictEqual(found.relatedInformation[0].location.uri, pathToFileURL(path.join(folder, 'other.pole-ir')).href);
    await client.connection.sendNotification(p.DidCloseTextDocumentNotification.type, { textDocument: { uri: user } });
    assert.deepStrictEqual(await client.diagnostics(user), []);
  });

  await test('the server asks to be told of files', async () => {
    assert.deepStrictEqual(client.registered.map((one) => one.method), ['workspace/didChangeWatchedFiles']);
  });

  await test('unknown requests and cancelled ones are answered', async () => {
    await assert.rejects(client.connection.sendRequest('polec/nothing', {}), { code: p.ErrorCodes.MethodNotFound });
    const source = new p.CancellationTokenSource();
    const answer = client.connection.sendRequest(p.HoverRequest.type, { textDocument: { uri }, position: p.Position.create(0, 0) }, source.token);
    source.cancel();
    await answer.catch((error) => assert.strictEqual(error.code, p.LSPErrorCodes.RequestCancelled));
  });

  await test('shutdown and exit', async () => {
    assert.strictEqual(await client.stop(), 0);
  });
  console.log(`1..${count}`);
  process.exit(failures > 0 ? 1 : 0);
}

setTimeout(() => { console.log('Bail out! nothing comes any more'); process.exit(1); }, 100000).unref();
main();
