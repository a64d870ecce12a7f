/* The page: one file of the data at a time, what is selected in it, and the keys. */

const data = JSON.parse(document.getElementById('data').textContent);
const byId = id => document.getElementById(id);

function remember(key, value) {
  try { localStorage.setItem('polec ' + key, value); } catch { /* a page opened from a disk may not be allowed to */ }
}
function remembered(key) {
  try { return localStorage.getItem('polec ' + key); } catch { return null; }
}

class View {
  constructor() {
    this.selection = this.pinned = null;
    this.curve = new Curve(this);
    this.map = new ArenaMap(this);
    this.columns = [];
  }

  open(index) {
    this.file = data.files[index];
    this.program = new Program(this.file);
    this.selection = this.pinned = null;
    this.policies = [this.file, this.file['policy 1'], this.file['policy 2']].filter(Boolean);
    byId('file-name').replaceChildren();
    put(byId('file-name'), this.file.compiled.file);
    document.title = `${this.file.compiled.file} \u2013 polec`;
    this.drawDiagnostics();
    this.makeColumns();
    this.map.open(this.file, this.program);
    this.setPolicy(this.file.compiled.policy);
    this.resize();
  }

  makeColumns() {
    const { program } = this, { ast, ir, llvm } = program, lines = part => grouped(part.lines.length);
    const parts = [
      ['Source', 'session', 1.7, program.sources.length ? new SourceLines(program) : null],
      ['Tokens', 'lex', .75, program.n ? new TokenLines(program) : null],
      ['AST', 'parse', 1, ast ? new AstLines(program, ast, `${lines(ast)} nodes`) : null],
      ['IR', 'ir', 1.2, ir ? new CodeLines(program, ir, `${lines(ir)} lines`) : null],
      ['LLVM IR', 'codegen', 1.6, llvm ? new LlvmLines(program, llvm, `${lines(llvm)} lines`) : null],
    ];
    this.columns = parts.map(([name, arena, flex, source], i) => new Column(this, i + 1, name, arena, flex, source));
    byId('columns').replaceChildren(...this.columns.map(column => column.root));
  }

  drawDiagnostics() {
    const list = byId('diagnostics'), told = this.file.diagnostics || [];
    list.replaceChildren();
    for (const d of told) {
      const item = element('li'), button = element('button');
      button.append(element('b', '', `${d.error ? 'error' : 'warning'}[${d.code}]`));
      put(button, ` ${d.line ? `line ${d.line}: ` : ''}${d.message}`);
      button.onclick = () => this.pin(this.program.selectToken(this.program.tokenAt(d.pos)), null);
      item.append(button);
      list.append(item);
    }
    if (this.file.failure) list.append(element('li', '', this.file.failure));
    list.hidden = !list.hasChildNodes();
  }

  setPolicy(name) {
    const policy = this.policies.find(p => p.report.policy === name) || this.policies[0];
    for (const input of document.querySelectorAll('input[name=policy]')) input.checked = input.value === policy.report.policy;
    this.policy = policy.report.policy;
    this.curve.show(policy, this.policies);
    drawFigures(byId('figures'), policy);
  }

  nextPolicy() {
    const names = this.policies.map(p => p.report.policy);
    this.setPolicy(names[(names.indexOf(this.policy) + 1) % names.length]);
    this.say(this.curve.told.textContent);
  }

  /* ---- the selection ---- */

  /* Whoever rests on something wants to see the rest of it, too. */
  hover(selection, from) {
    this.selection = selection || this.pinned;
    clearTimeout(this.resting);
    if (selection) this.resting = setTimeout(() => this.reveal(selection, from), 300);
    this.relight();
  }

  reveal(selection, from) {
    for (const column of this.columns) {
      if (column === from || !column.list || column.root.classList.contains('folded')) continue;
      const row = column.source.rowOf(selection);
      if (row >= 0) column.reveal(row, selection);
    }
  }

  pin(selection, from) {
    this.pinned = this.selection = selection;
    clearTimeout(this.resting);
    if (selection) this.reveal(selection, from);
    this.relight();
    this.say(this.describe(selection));
  }

  /* To the next token, wherever the focus is. */
  step(by, from) {
    const at = this.pinned ? this.pinned.at + by : 0;
    if (at < 0 || at >= this.program.n) return;
    const selection = this.program.selectToken(at), row = from.source.rowOf(selection);
    if (row >= 0) {
      from.setActive(row);
      from.scrollTo(row, true);
    }
    this.pin(selection, from);
  }

  relight() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const column of this.columns)
        if (column.list) {
          column.light();
          column.drawRuler();
        }
      this.map.light();
    });
  }

  describe(selection) {
    if (!selection) return 'nothing selected';
    const { program } = this, parts = [], line = program.lines[program.lineOf(Math.max(selection.at, selection.from))];
    if (selection.at >= 0) parts.push(`${program.tokens.names[program.tokens.kind[selection.at]]} ${program.tokenText(selection.at)}`);
    if (line) parts.push(`line ${line.number}`);
    if (selection.node >= 0) parts.push(`node ${program.ast.lines[selection.node]}`);
    for (const [name, part] of [['instructions', program.ir], ['LLVM lines', program.llvm]]) {
      let n = 0;
      for (const token of part ? part.token : []) n += litToken(token, selection) > 0;
      if (part) parts.push(`${n} ${name}`);
    }
    return parts.join(', ');
  }

  say(text) { byId('live').textContent = text; }

  resize() {
    for (const column of this.columns) column.measure();
    this.curve.draw();
    this.map.draw();
    this.relight();
  }

  /* Paper has no scroll bars: the beginning of every column, and the whole of a short one. */
  print() {
    for (const column of this.columns) if (column.list) column.redraw(64);
  }
}

/* ---- settings ---- */

let scale = 1;
function setScale(wanted) {
  scale = Math.max(.7, Math.min(2.4, wanted));
  document.documentElement.style.setProperty('--scale', scale);
  remember('scale', scale);
  view.resize();
}

const THEMES = { auto: '\u25d0 auto', light: '\u2600 light', dark: '\u263e dark' };
function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId('theme').textContent = THEMES[theme];
  byId('theme').setAttribute('aria-label', `Colours: ${theme}`);
  byId('theme').dataset.now = theme;
  remember('theme', theme);
  view.resize();
}
function nextTheme() {
  const names = Object.keys(THEMES);
  setTheme(names[(names.indexOf(byId('theme').dataset.now) + 1) % names.length]);
}

function toggleHelp() {
  byId('help-text').hidden = !byId('help-text').hidden;
  byId('help').setAttribute('aria-expanded', String(!byId('help-text').hidden));
  view.resize();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select, input[type=text]')) return;
  const actions = {
    Escape: () => view.pin(null, null), p: () => view.nextPolicy(), m: () => view.map.next(), d: nextTheme, '?': toggleHelp,
    '+': () => setScale(scale * 1.12), '=': () => setScale(scale * 1.12), '-': () => setScale(scale / 1.12),
  };
  if (/^[1-5]$/.test(event.key)) view.columns[event.key - 1].fold();
  else if (event.key in actions) actions[event.key]();
  else return;
  event.preventDefault();
}

/* ---- beginning ---- */

const view = new View();
const select = byId('file-select');
data.files.forEach((file, i) => {
  const option = element('option', '', file.compiled.file);
  option.value = i;
  select.append(option);
});
select.hidden = data.files.length < 2;
byId('file-name').hidden = data.files.length > 1;
select.onchange = () => view.open(Number(select.value));
for (const input of document.querySelectorAll('input[name=policy]')) input.onchange = () => view.setPolicy(input.value);
byId('smaller').onclick = () => setScale(scale / 1.12);
byId('larger').onclick = () => setScale(scale * 1.12);
byId('theme').onclick = nextTheme;
byId('help').onclick = toggleHelp;
document.addEventListener('keydown', key);
addEventListener('resize', () => view.resize());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view.resize());
addEventListener('beforeprint', () => view.print());
addEventListener('afterprint', () => view.resize());
if (data.files.length > 0) view.open(0);
scale = Number(remembered('scale')) || 1;
document.documentElement.style.setProperty('--scale', scale);
setTheme(remembered('theme') in THEMES ? remembered('theme') : 'auto');
document.documentElement.dataset.ready = 'true';
