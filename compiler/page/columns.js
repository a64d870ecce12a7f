/*
 * The columns: source, tokens, AST, IR and LLVM IR.
 *
 * The link between them is the token: every line of every column has the index of the token it comes from, or -1.  What
 * one points at is a selection { at, from, to }: one token, and the tokens of the tree node around it.  A line is lit
 * when its token is in there; that is one comparison, so it is made when a line is drawn, and only lines in view are.
 */

/* ---- text, shown harmlessly ---- */

/* Control characters, and those that turn the direction of text around, are shown by their number. */
const ODD = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/;
const ODD_PARTS = new RegExp(`(${ODD.source})`);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) put(made, text);
  return made;
}

function put(parent, text) {
  if (!ODD.test(text)) {
    parent.append(text);
    return;
  }
  for (const part of text.split(ODD_PARTS)) {
    if (!ODD.test(part)) {
      parent.append(part);
      continue;
    }
    const odd = document.createElement('span');
    odd.className = 'odd';
    odd.textContent = 'U+' + part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    parent.append(odd);
  }
}

const grouped = n => Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, '\u2009');
function bytes(n) {
  if (n < 10000) return grouped(n) + ' B';
  return n < 1e6 ? (n / 1e3).toFixed(n < 1e5 ? 1 : 0) + ' kB' : (n / 1e6).toFixed(n < 1e7 ? 2 : 1) + ' MB';
}

/* ---- the program ---- */

function sums(differences) {
  const result = new Int32Array(differences.length);
  let sum = 0;
  for (let i = 0; i < result.length; i++) result[i] = sum += differences[i];
  return result;
}

/* The last index of an ascending array whose number is not above `x`; -1 if all are. */
function lastNotAbove(array, x) {
  let low = 0, high = array.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (array[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

class Program {
  constructor(file) {
    this.file = file;
    this.readSources(file.sources || []);
    const tokens = file.tokens || { names: [], classes: [], kind: [], pos: [], length: [] };
    this.tokens = { names: tokens.names, classes: tokens.classes, kind: Uint8Array.from(tokens.kind), pos: sums(tokens.pos), length: Uint32Array.from(tokens.length) };
    this.n = this.tokens.kind.length;
    this.ast = file.ast && this.readAst(file.ast);
    this.ir = file.ir && this.readLines(file.ir);
    this.llvm = file.llvm && this.readLines(file.llvm);
  }

  /* The text stays bytes, because places count bytes; a line is decoded when it is shown. */
  readSources(sources) {
    const encoder = new TextEncoder();
    this.sources = sources.map(source => ({ path: source.path, start: source.start, bytes: encoder.encode(source.text) }));
    this.decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.lines = []; /* { source, start, end } in bytes of the whole; a heading has only `source` */
    for (const source of this.sources) {
      if (this.sources.length > 1) this.lines.push({ source, heading: true, start: source.start, end: source.start });
      let start = 0, number = 1;
      while (start < source.bytes.length) {
        let end = source.bytes.indexOf(10, start);
        if (end < 0) end = source.bytes.length;
        const stop = end > start && source.bytes[end - 1] === 13 ? end - 1 : end;
        this.lines.push({ source, number: number++, start: source.start + start, end: source.start + stop });
        start = end + 1;
      }
    }
    this.lineStarts = Float64Array.from(this.lines, line => line.start);
  }

  text(start, end) {
    const i = this.sources.findLastIndex(source => source.start <= start);
    if (i < 0) return '';
    const { start: base, bytes } = this.sources[i];
    return this.decoder.decode(bytes.subarray(start - base, end - base));
  }

  tokenText(t) {
    return this.text(this.tokens.pos[t], this.tokens.pos[t] + this.tokens.length[t]);
  }

  lineOf(t) {
    return lastNotAbove(this.lineStarts, this.tokens.pos[t]);
  }

  tokenAt(pos) {
    return pos === 0 || this.n === 0 || pos < this.tokens.pos[0] ? -1 : lastNotAbove(this.tokens.pos, pos);
  }

  readLines(part) {
    const lines = part.text.split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    const pos = sums(part.pos), token = new Int32Array(pos.length);
    for (let i = 0; i < pos.length; i++) token[i] = this.tokenAt(pos[i]);
    return { lines, token, kind: part.kind, names: part.names, words: part.words, id: part.id && sums(part.id) };
  }

  /* Also the first and last token of every node: its own, and its children's. */
  readAst(part) {
    const ast = this.readLines(part), n = ast.token.length;
    const level = Uint16Array.from(part.level, x => Math.min(x, 65535));
    const from = new Int32Array(n), to = new Int32Array(n), parent = new Int32Array(n).fill(-1), open = [];
    for (let i = 0; i < n; i++) {
      if (part.names[part.kind[i]] === 'file') ast.token[i] = -1;
      from[i] = ast.token[i] < 0 ? this.n : ast.token[i];
      to[i] = ast.token[i];
      open.length = level[i];
      parent[i] = level[i] > 0 ? open[level[i] - 1] : -1;
      open[level[i]] = i;
    }
    this.matchBrackets();
    for (let i = n - 1; i >= 0; i--) {
      to[i] = this.closed(from[i], to[i], part.names[part.kind[i]] === 'call');
      if (parent[i] < 0) continue;
      from[parent[i]] = Math.min(from[parent[i]], from[i]);
      to[parent[i]] = Math.max(to[parent[i]], to[i]);
    }
    /* For every token the outermost node that it names, or -1. */
    const named = new Int32Array(this.n).fill(-1);
    for (let i = n - 1; i >= 0; i--) if (ast.token[i] >= 0) named[ast.token[i]] = i;
    return Object.assign(ast, { level, from, to, parent, named });
  }

  /* For every bracket its other half, else -1. */
  matchBrackets() {
    const { kind, names } = this.tokens, open = [];
    this.match = new Int32Array(this.n).fill(-1);
    for (let t = 0; t < this.n; t++) {
      const name = names[kind[t]];
      if (name === '(' || name === '[' || name === '{') open.push(t);
      else if ((name === ')' || name === ']' || name === '}') && open.length > 0) {
        const start = open.pop();
        this.match[start] = t;
        this.match[t] = start;
      }
    }
  }

  /* A node's end with the brackets that its tokens have opened. */
  closed(from, to, isCall) {
    if (isCall && this.match[to + 1] > to) to = this.match[to + 1];
    while (to >= 0 && this.match[to] > to) to = this.match[to];
    while (to + 1 < this.n && this.match[to + 1] >= from && this.match[to + 1] <= to) to++;
    return to;
  }

  /* What lights up when one points at a token. */
  selectToken(t) {
    if (t < 0) return null;
    if (this.ast && this.match[t] >= 0 && this.match[t] < t) {
      const whole = this.selectToken(this.match[t]);
      if (whole.to >= t) return { ...whole, at: t };
    }
    const node = this.ast ? this.ast.named[t] : -1;
    return node >= 0 ? this.selectNode(node) : this.selectAround(t);
  }

  selectNode(row) {
    const { token, from, to } = this.ast;
    return to[row] < 0 ? null : { at: token[row], from: from[row], to: to[row], node: row };
  }

  /* A bracket or a comma names no node: the smallest one around it, which is near the nodes of its neighbours. */
  selectAround(t) {
    let node = -1;
    if (this.ast)
      for (let near = t - 1; near >= 0 && near > t - 200 && node < 0; near--) node = this.ast.named[near];
    while (node >= 0 && !(this.ast.from[node] <= t && t <= this.ast.to[node])) node = this.ast.parent[node];
    if (node < 0 || this.ast.parent[node] < 0) return { at: t, from: t, to: t, node: -1 };
    return { at: t, from: this.ast.from[node], to: this.ast.to[node], node };
  }
}

/* ---- a column ---- */

const MOST_PIXELS = 16e6; /* a taller element is more than browsers can scroll */

/*
 * A list of which only what is in view exists.  `source` has n, token(row), draw(element, row), select(row, event) and
 * rowOf(selection), the row to be brought into view.
 */
class Column {
  constructor(view, number, name, arena, flex, source) {
    Object.assign(this, { view, number, name, source, active: -1, drawn: new Map() });
    this.root = element('section', 'column');
    this.root.style.cssText = `flex: ${flex} 1 0; --arena: var(--${arena})`;
    const heading = element('h2'), fold = element('button', '', name);
    fold.title = `Show or hide (${number})`;
    fold.setAttribute('aria-expanded', 'true');
    fold.onclick = () => this.fold();
    this.foldButton = fold;
    heading.append(fold, element('small', '', source ? source.caption : ''));
    this.root.append(heading);
    const body = element('div', 'body');
    this.root.append(body);
    if (!source || source.n === 0) {
      body.append(element('p', 'absent', source ? 'Nothing.' : view.file.status === 0 ? 'Not asked for.' : 'The compilation did not get this far.'));
      return;
    }
    this.list = element('div', 'list');
    this.list.tabIndex = 0;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', `${name}, ${source.n} lines`);
    this.rows = element('div', 'rows');
    this.rows.setAttribute('role', 'presentation');
    this.ruler = element('canvas', 'ruler');
    this.ruler.setAttribute('aria-hidden', 'true');
    this.list.append(this.rows);
    body.append(this.list, this.ruler);
    this.listen();
  }

  listen() {
    const list = this.list;
    list.addEventListener('scroll', () => this.draw(), { passive: true });
    list.addEventListener('pointerover', event => this.point(event));
    list.addEventListener('pointerleave', () => this.view.hover(null));
    list.addEventListener('click', event => this.click(event));
    list.addEventListener('keydown', event => this.key(event));
    list.addEventListener('focus', () => { if (this.active < 0) this.activate(this.firstInView()); });
    this.ruler.addEventListener('click', event => {
      this.scrollTo(Math.floor(event.offsetY / this.ruler.clientHeight * this.source.n));
    });
  }

  fold() {
    const folded = this.root.classList.toggle('folded');
    this.foldButton.setAttribute('aria-expanded', String(!folded));
    this.view.resize();
  }

  rowUnder(event) {
    const row = event.target.closest && event.target.closest('.row');
    return row ? Number(row.dataset.row) : -1;
  }

  point(event) {
    const row = this.rowUnder(event);
    if (row >= 0) this.view.hover(this.source.select(row, event), this);
  }

  click(event) {
    const row = this.rowUnder(event);
    if (row < 0) return;
    this.setActive(row);
    this.view.pin(this.source.select(row, event), this);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / this.rowHeight) - 1);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) {
      this.activate(Math.max(0, Math.min(this.source.n - 1, Math.max(this.active, 0) + steps[event.key])));
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      this.view.step(event.key === 'ArrowLeft' ? -1 : 1, this);
    } else {
      return;
    }
    event.preventDefault();
  }

  activate(row) {
    this.setActive(row);
    this.scrollTo(row, true);
    this.view.pin(this.source.select(row, null), this);
  }

  setActive(row) {
    this.active = row;
    this.list.setAttribute('aria-activedescendant', this.rowId(row));
  }

  rowId(row) { return `c${this.number}r${row}`; }

  /* ---- what is in view ---- */

  measure() {
    if (!this.list) return;
    this.rowHeight = parseFloat(getComputedStyle(this.list).lineHeight);
    this.height = this.list.clientHeight;
    this.full = this.source.n * this.rowHeight;
    this.pixels = Math.min(this.full, MOST_PIXELS);
    this.rows.style.height = this.pixels + 'px';
    this.redraw();
  }

  /* The list's own coordinates: those of a list as tall as it would have to be. */
  top() {
    const most = this.pixels - this.height;
    return most <= 0 ? 0 : this.list.scrollTop / most * (this.full - this.height);
  }

  firstInView() { return Math.floor(this.top() / this.rowHeight); }

  scrollTo(row, gently) {
    const y = row * this.rowHeight, top = this.top();
    if (gently && y >= top && y + this.rowHeight <= top + this.height) return;
    if (!gently && y >= top + this.rowHeight && y + 2 * this.rowHeight <= top + this.height) return;
    let wanted = y - this.height / 3;
    if (gently) wanted = y < top ? y : y + this.rowHeight - this.height;
    const most = this.full - this.height;
    if (most > 0) this.list.scrollTop = Math.max(0, Math.min(most, wanted)) / most * (this.pixels - this.height);
    this.draw();
  }

  /* Brings a row into view, and of a long line the token. */
  reveal(row, selection) {
    this.scrollTo(row);
    this.setActive(row);
    const drawn = this.drawn.get(row), span = drawn && drawn.querySelector(`.t[data-t="${selection.at}"]`);
    if (!span) return;
    const left = span.offsetLeft, right = left + span.offsetWidth, { scrollLeft, clientWidth } = this.list;
    if (left < scrollLeft) this.list.scrollLeft = Math.max(0, left - 40);
    else if (right > scrollLeft + clientWidth) this.list.scrollLeft = Math.min(left - 40, right - clientWidth + 40);
  }

  redraw(all) {
    this.rows.replaceChildren();
    this.drawn.clear();
    this.draw(all);
  }

  draw(all) {
    if (!this.height) return;
    const top = this.top(), shift = this.list.scrollTop - top;
    let first = Math.max(0, Math.floor(top / this.rowHeight) - 8);
    let last = Math.min(this.source.n - 1, Math.ceil((top + this.height) / this.rowHeight) + 8);
    if (all) [first, last] = [0, Math.min(this.source.n - 1, all)];
    for (const [row, drawn] of this.drawn)
      if (row < first || row > last) {
        drawn.remove();
        this.drawn.delete(row);
      }
    for (let row = first; row <= last; row++) {
      let drawn = this.drawn.get(row);
      if (!drawn) {
        drawn = this.make(row);
        this.drawn.set(row, drawn);
        this.rows.append(drawn);
      }
      drawn.style.top = row * this.rowHeight + shift + 'px';
    }
    this.light();
  }

  make(row) {
    const made = element('div', 'row');
    made.id = this.rowId(row);
    made.dataset.row = row;
    made.setAttribute('role', 'option');
    made.setAttribute('aria-posinset', row + 1);
    made.setAttribute('aria-setsize', this.source.n);
    this.source.draw(made, row);
    return made;
  }

  /* Lights up what is in view. */
  light() {
    const selection = this.view.selection;
    this.list.classList.toggle('pinned', this.view.pinned !== null);
    for (const [row, drawn] of this.drawn) {
      const lit = this.source.light(drawn, row, selection);
      drawn.setAttribute('aria-selected', String(lit));
    }
  }

  /* Where in the whole list the selection is. */
  drawRuler() {
    const canvas = this.ruler, height = canvas.clientHeight, selection = this.view.selection;
    if (!height) return;
    canvas.width = 10 * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    const context = canvas.getContext('2d');
    context.scale(devicePixelRatio, devicePixelRatio);
    if (!selection) return;
    const style = getComputedStyle(document.documentElement);
    const colors = [, style.getPropertyValue('--line-strong'), style.getPropertyValue('--lex')];
    this.source.marks(selection, height).forEach((lit, y) => {
      if (!lit) return;
      context.fillStyle = colors[lit];
      context.fillRect(lit === 2 ? 1 : 3, y, lit === 2 ? 9 : 5, 2);
    });
  }
}

/* ---- what the columns show ---- */

/* The marks of lines from..to, of which `at` is the very one. */
function markRange(n, height, from, to, at) {
  const marks = new Uint8Array(height), y = row => Math.min(height - 1, Math.floor(row / n * height));
  if (to >= from) marks.fill(1, y(from), y(to) + 1);
  if (at >= 0) marks[y(at)] = 2;
  return marks;
}

/* 0: not lit, 1: in the selection, 2: the very token. */
function litToken(token, selection) {
  if (!selection || token < 0) return 0;
  if (token === selection.at) return 2;
  return token >= selection.from && token <= selection.to ? 1 : 0;
}

class Lines {
  constructor(program, part, caption) {
    Object.assign(this, { program, part, caption, n: part.token.length });
  }
  /* For each pixel of the ruler how its lines are lit; all lines are looked at, so it has to be a plain loop. */
  marks(selection, height) {
    const { token } = this.part, { at, from, to } = selection, n = token.length, marks = new Uint8Array(height);
    for (let row = 0; row < n; row++) {
      const t = token[row];
      if (t < from && t !== at || t > to && t !== at || t < 0) continue;
      const y = Math.floor(row / n * height);
      if (t === at) marks[y] = 2;
      else if (marks[y] === 0) marks[y] = 1;
    }
    return marks;
  }
  lit(row, selection) { return litToken(this.part.token[row], selection); }
  light(drawn, row, selection) {
    const lit = this.lit(row, selection);
    drawn.classList.toggle('at', lit === 2);
    drawn.classList.toggle('in', lit === 1);
    return lit === 2;
  }
  select(row) { return this.program.selectToken(this.part.token[row]); }
  rowOf(selection) {
    const { token } = this.part;
    let near = -1;
    for (let row = 0; row < token.length; row++) {
      if (token[row] === selection.at) return row;
      if (near < 0 && token[row] >= selection.from && token[row] <= selection.to) near = row;
    }
    return near;
  }
  tell(row) { return this.part.lines[row].trim(); }
}

class SourceLines {
  constructor(program) {
    this.program = program;
    this.n = program.lines.length;
    const size = program.sources.reduce((sum, source) => sum + source.bytes.length, 0);
    this.caption = `${grouped(program.lines.length)} lines, ${bytes(size)}`;
    this.first = new Int32Array(this.n + 1).fill(program.n); /* token of each line */
    for (let t = program.n - 1; t >= 0; t--) this.first[program.lineOf(t)] = t;
    for (let row = this.n - 1; row >= 0; row--) this.first[row] = Math.min(this.first[row], this.first[row + 1]);
  }
  draw(made, row) {
    const { program } = this, line = program.lines[row], { tokens } = program;
    if (line.heading) {
      made.classList.add('file');
      put(made, line.source.path);
      return;
    }
    made.append(element('span', 'n', String(line.number)));
    let at = line.start;
    for (let t = this.first[row]; t < this.first[row + 1]; t++) {
      const start = Math.min(tokens.pos[t], line.end), end = Math.min(start + tokens.length[t], line.end);
      if (start > at) this.drawGap(made, at, start, at > line.start ? t : -1);
      if (end <= start) continue;
      const span = element('span', 't ' + this.classOf(t), program.text(start, end));
      span.dataset.t = t;
      made.append(span);
      at = end;
    }
    if (line.end > at) this.drawGap(made, at, line.end, -1);
  }
  /* What stands in front of token `t` in its line is lit with both its neighbours. */
  drawGap(made, start, end, t) {
    const text = this.program.text(start, end), gap = element('span', text.trim() === '' ? 'g' : 'g comment', text);
    if (t >= 0) gap.dataset.before = t;
    made.append(gap);
  }
  classOf(t) {
    const { names, classes, kind } = this.program.tokens;
    if (classes[kind[t]] === 'KEYWORD' || classes[kind[t]] === 'DECLARATION') return 'keyword';
    return classes[kind[t]] === 'TEXT' && names[kind[t]] !== 'identifier' ? 'literal' : '';
  }
  marks(selection, height) {
    const { program } = this, line = t => t >= 0 && t < program.n ? program.lineOf(t) : -1;
    return markRange(this.n, height, line(selection.from), line(selection.to), line(selection.at));
  }
  lit(row, selection) {
    const first = this.first[row], end = this.first[row + 1];
    if (selection.at >= first && selection.at < end) return 2;
    return first < end && selection.from < end && selection.to >= first ? 1 : 0;
  }
  light(drawn, row, selection) {
    for (const span of drawn.getElementsByClassName('t')) {
      const lit = litToken(Number(span.dataset.t), selection);
      span.classList.toggle('at', lit === 2);
      span.classList.toggle('in', lit === 1);
    }
    for (const gap of drawn.getElementsByClassName('g')) {
      const t = Number(gap.dataset.before);
      gap.classList.toggle('in', Boolean(selection) && t > selection.from && t <= selection.to);
    }
    return selection ? this.lit(row, selection) === 2 : false;
  }
  select(row, event) {
    const span = event && event.target.closest && event.target.closest('.t');
    if (span) return this.program.selectToken(Number(span.dataset.t));
    return this.first[row] < this.first[row + 1] && !event ? this.program.selectToken(this.first[row]) : null;
  }
  rowOf(selection) { return selection.at >= 0 ? this.program.lineOf(selection.at) : -1; }
  tell(row) { return 'line ' + this.program.lines[row].number; }
}

class TokenLines {
  constructor(program) {
    this.program = program;
    this.n = program.n;
    this.caption = grouped(program.n);
  }
  draw(made, row) {
    const { program } = this, { names, kind } = program.tokens, text = program.tokenText(row);
    const line = program.lines[program.lineOf(row)];
    made.append(element('span', 'n', line && line.number ? String(line.number) : ''));
    if (names[kind[row]] === text) made.append(element('bdi', '', text));
    else {
      made.append(element('span', 'label', names[kind[row]] + ' '));
      made.append(element('bdi', '', text));
    }
  }
  marks(selection, height) { return markRange(this.n, height, selection.from, selection.to, selection.at); }
  lit(row, selection) { return litToken(row, selection); }
  light(drawn, row, selection) { return Lines.prototype.light.call(this, drawn, row, selection); }
  select(row) { return this.program.selectToken(row); }
  rowOf(selection) { return selection.at >= 0 ? selection.at : selection.from; }
  tell(row) { return `${this.program.tokens.names[this.program.tokens.kind[row]]} ${this.program.tokenText(row)}`; }
}

class AstLines extends Lines {
  draw(made, row) {
    const text = this.part.lines[row], label = /^(?:[a-z ]+: |\.[^:]*: |[^ ]*= )/.exec(text);
    made.style.paddingLeft = `calc(.6em + ${Math.min(this.part.level[row], 24) * 2}ch)`;
    if (label) made.append(element('span', 'label', label[0]));
    put(made, label ? text.slice(label[0].length) : text);
  }
  select(row) { return this.program.selectNode(row); }
  rowOf(selection) { return selection.node >= 0 ? selection.node : super.rowOf(selection); }
}

class CodeLines extends Lines {
  draw(made, row) {
    const text = this.part.lines[row];
    if (/^(?:func|define|extern) /.test(text)) made.classList.add('heading');
    const comment = text.indexOf(';');
    if (this.comments && comment >= 0 && !text.includes('"')) {
      put(made, text.slice(0, comment));
      made.append(element('span', 'comment', text.slice(comment)));
    } else {
      put(made, text);
    }
  }
}

class LlvmLines extends CodeLines {
  get comments() { return true; }
}
