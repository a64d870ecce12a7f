/*
 * The memory: the curve of the bytes alive, the map of each arena, and the figures.
 *
 * On the curve every phase is equally wide, or one would see nothing but LLVM; inside a phase time runs evenly.
 */

const ARENAS = ['session', 'lex', 'parse', 'ir', 'codegen'];
const PHASES = ['lex', 'parse', 'ir', 'codegen'];
const SVG = 'http://www.w3.org/2000/svg';

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}

/* All marks of an axis in the unit of its largest. */
function axisBytes(n, most) {
  if (most < 1e4) return grouped(n) + ' B';
  return most < 1e6 ? (n / 1e3).toFixed(most < 1e5 ? 1 : 0) + ' kB' : (n / 1e6).toFixed(most < 1e7 ? 2 : 1) + ' MB';
}

/* ---- the curve ---- */

/* A point is [nanoseconds, session, lex, parse, ir, codegen, LLVM's heap]. */
const ourBytes = point => point[1] + point[2] + point[3] + point[4] + point[5];

class Curve {
  constructor(view) {
    this.view = view;
    this.root = document.getElementById('curve');
    this.told = document.getElementById('timeline-told');
    this.probe = -1;
    this.root.addEventListener('pointermove', event => this.pointAt(event));
    this.root.addEventListener('pointerleave', () => this.setProbe(-1));
    this.root.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      this.stepMoment(step);
      event.preventDefault();
    });
  }

  /* All policies share the scale: the difference is what one wants to see. */
  show(policy, policies) {
    this.policy = policy;
    this.moments = policy.moments.map(moment => ({ ...moment, name: `${PHASES[moment.phase]} ${moment.freed ? 'freed' : 'end'}` }));
    this.points = [...policy.points, ...this.moments.map(moment => moment.at)].sort((a, b) => a[0] - b[0]);
    const all = policies.flatMap(p => [...p.points, ...p.moments.map(moment => moment.at)]);
    this.most = Math.max(1, ...all.map(ourBytes));
    this.mostLlvm = Math.max(...all.map(point => point[6]), policy.report.llvm.heap_bytes_peak);
    this.probe = -1;
    this.draw();
  }

  x(nanoseconds) {
    const { began } = this.policy, lead = .04;
    if (began.length === 0) return this.left;
    let phase = lastNotAbove(began, nanoseconds);
    if (phase < 0) return this.left + this.width * lead * Math.min(1, nanoseconds / began[0]);
    const end = phase + 1 < began.length ? began[phase + 1] : this.points[this.points.length - 1][0];
    const part = end > began[phase] ? (nanoseconds - began[phase]) / (end - began[phase]) : 1;
    return this.left + this.width * (lead + (1 - lead) * (phase + part) / began.length);
  }

  draw() {
    const box = this.root.getBoundingClientRect();
    if (!box.width) return;
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    Object.assign(this, { left: 4.6 * em, width: box.width - 4.8 * em, top: 2 * em });
    this.llvmHeight = this.mostLlvm > 0 ? 2.4 * em : 0;
    this.bottom = box.height - 1.8 * em - (this.llvmHeight ? this.llvmHeight + .5 * em : 0);
    this.llvmBottom = box.height - 1.8 * em;
    this.y = n => this.bottom - (this.bottom - this.top) * n / this.most;
    this.root.replaceChildren();
    this.drawAxes(em);
    this.drawBands();
    this.drawLlvm(em);
    this.drawFreed(em);
    this.mark = shape('line', { class: 'probe', y1: this.top, y2: this.llvmBottom, visibility: 'hidden' });
    this.root.append(this.mark);
    this.tell();
  }

  drawAxes(em) {
    const { report, began } = this.policy;
    for (const part of [0, .5, 1]) {
      const y = this.y(this.most * part);
      this.root.append(shape('line', { class: part ? 'grid' : 'axis', x1: this.left, x2: this.left + this.width, y1: y, y2: y }));
      this.root.append(shape('text', { class: 'quiet', x: this.left - .4 * em, y: y + .3 * em, 'text-anchor': 'end' }, part ? axisBytes(this.most * part, this.most) : '0'));
    }
    began.forEach((start, phase) => {
      const x = this.x(start), end = phase + 1 < began.length ? this.x(began[phase + 1]) : this.left + this.width;
      const compiled = this.view.file.compiled.phases[phase];
      const time = compiled ? ` ${(compiled.nanoseconds / 1e6).toFixed(compiled.nanoseconds < 1e7 ? 2 : 0)} ms` : '';
      this.root.append(shape('line', { class: 'axis', x1: x, x2: x, y1: this.llvmBottom, y2: this.llvmBottom + .4 * em }));
      const label = shape('text', { x: (x + end) / 2, y: this.llvmBottom + 1.3 * em, 'text-anchor': 'middle' }, report.phases[phase] ? report.phases[phase].name : '');
      label.append(shape('tspan', { style: 'fill: var(--quiet)' }, time));
      this.root.append(label);
    });
  }

  drawBands() {
    let below = this.points.map(() => 0);
    ARENAS.forEach((arena, i) => {
      const above = this.points.map((point, k) => below[k] + point[i + 1]);
      if (this.points.some(point => point[i + 1] > 0)) {
        const up = this.points.map((point, k) => `${this.x(point[0]).toFixed(1)},${this.y(above[k]).toFixed(1)}`);
        const back = this.points.map((point, k) => `${this.x(point[0]).toFixed(1)},${this.y(below[k]).toFixed(1)}`).reverse();
        const band = shape('polygon', { class: 'band', points: [...up, ...back].join(' '), style: `fill: var(--${arena})`, 'data-arena': arena });
        band.append(shape('title', {}, arena));
        this.root.append(band);
      }
      below = above;
    });
  }

  /* On a scale of its own: it is no arena, and never added to them. */
  drawLlvm(em) {
    if (!this.llvmHeight) return;
    const y = n => this.llvmBottom - this.llvmHeight * n / this.mostLlvm;
    const first = this.points[0], last = this.points[this.points.length - 1];
    const line = this.points.map(point => `${this.x(point[0]).toFixed(1)},${y(point[6]).toFixed(1)}`);
    this.root.append(shape('polygon', { points: [`${this.x(first[0])},${this.llvmBottom}`, ...line, `${this.x(last[0])},${this.llvmBottom}`].join(' '), style: 'fill: var(--llvm); fill-opacity: .35; stroke: var(--llvm)' }));
    this.root.append(shape('line', { class: 'axis', x1: this.left, x2: this.left + this.width, y1: this.llvmBottom, y2: this.llvmBottom }));
    this.root.append(shape('text', { class: 'quiet', x: this.left - .4 * em, y: this.llvmBottom - this.llvmHeight + .6 * em, 'text-anchor': 'end' }, 'LLVM'));
    this.root.append(shape('text', { class: 'quiet', x: this.left - .4 * em, y: this.llvmBottom - .1 * em, 'text-anchor': 'end' }, bytes(this.policy.report.llvm.heap_bytes_peak)));
  }

  drawFreed(em) {
    const labels = []; /* those that would stand on each other become one */
    for (const moment of this.moments.filter(moment => moment.freed)) {
      const x = this.x(moment.at[0]), last = labels[labels.length - 1];
      this.root.append(shape('line', { class: 'freed', x1: x, x2: x, y1: this.top - .3 * em, y2: this.bottom, 'data-freed': PHASES[moment.phase] }));
      if (last && x - last.x < 8 * em) Object.assign(last, { x, names: [...last.names, PHASES[moment.phase]] });
      else labels.push({ x, names: [PHASES[moment.phase]] });
    }
    for (const { x, names } of labels) {
      const right = x > this.left + this.width - 6 * em;
      this.root.append(shape('text', { x: right ? this.left + this.width + .2 * em : x, y: this.top - .7 * em, 'text-anchor': right ? 'end' : 'middle' }, names.join(', ') + ' freed'));
    }
  }

  /* ---- asking it ---- */

  pointAt(event) {
    const x = event.clientX - this.root.getBoundingClientRect().left;
    let nearest = 0, distance = Infinity;
    this.points.forEach((point, i) => {
      const away = Math.abs(this.x(point[0]) - x);
      if (away < distance) [nearest, distance] = [i, away];
    });
    this.setProbe(nearest);
  }

  stepMoment(step) {
    const times = this.moments.map(moment => this.points.indexOf(moment.at));
    const now = times.indexOf(this.probe);
    this.setProbe(times[now < 0 ? (step > 0 ? 0 : times.length - 1) : Math.max(0, Math.min(times.length - 1, now + step))]);
    document.getElementById('live').textContent = this.told.textContent;
  }

  setProbe(index) {
    this.probe = index === undefined ? -1 : index;
    if (this.probe >= 0) {
      const x = this.x(this.points[this.probe][0]);
      this.mark.setAttribute('x1', x);
      this.mark.setAttribute('x2', x);
    }
    this.mark.setAttribute('visibility', this.probe >= 0 ? 'visible' : 'hidden');
    this.tell();
  }

  tell() {
    if (this.probe < 0) {
      const { report } = this.policy;
      this.told.textContent = `at most ${bytes(report.peak_live_bytes)} in all arenas, in ${grouped(report.total_allocations)} ` +
        (report.policy === 'malloc' ? 'mallocs, freed one by one' : 'allocations');
      return;
    }
    const point = this.points[this.probe], moment = this.moments.find(m => m.at === point);
    const parts = ARENAS.map((arena, i) => point[i + 1] ? `${arena} ${bytes(point[i + 1])}` : '').filter(Boolean);
    if (point[6]) parts.push(`LLVM ${bytes(point[6])}`);
    this.told.textContent = `${moment ? moment.name + ': ' : ''}${parts.join(', ')}`;
  }
}

/* ---- the map ---- */

/*
 * A region of an arena: find(offset) tells what lies there, as { start, end, kind, token }, and places(selection) the
 * byte ranges that come from the selection.  kinds: bytes by kind.
 */
class TokenRegion {
  constructor(program, region) {
    Object.assign(this, { program, size: region.size, name: region.name, bytes: region.count * region.size });
    const { names, classes, kind } = program.tokens;
    this.of = region.items === 'identifiers' ? Int32Array.from(kind.keys()).filter(t => names[kind[t]] === 'identifier') : null;
    this.kindOf = t => {
      const name = names[kind[t]], of = classes[kind[t]];
      return of === 'SYMBOL' ? 'symbol' : of === 'TEXT' || of === 'MARK' ? name : 'keyword';
    };
    this.kinds = new Map();
    for (let i = 0; i < region.count; i++) {
      const kind = this.kindOf(this.of ? this.of[i] : i);
      this.kinds.set(kind, (this.kinds.get(kind) || 0) + this.size);
    }
  }
  find(offset) {
    const i = Math.floor(offset / this.size), token = this.of ? this.of[i] : i;
    return { start: i * this.size, end: (i + 1) * this.size, kind: this.kindOf(token), token, what: this.name };
  }
  places(selection) {
    if (!this.of) return [[selection.from * this.size, (selection.to + 1) * this.size]];
    const from = lastNotAbove(this.of, selection.from - 1) + 1, to = lastNotAbove(this.of, selection.to) + 1;
    return to > from ? [[from * this.size, to * this.size]] : [];
  }
}

/* The words of the AST or the IR: each line of that column knows its first word; a thing ends where the next begins. */
class WordRegion {
  constructor(part, region) {
    Object.assign(this, { part, name: region.name, bytes: region.count * region.size, size: region.size });
    const base = region.items === 'instructions' ? 1 : 0; /* an id of the IR is one more than the index of its word */
    const rowOf = new Int32Array(region.count).fill(-1);
    for (let row = 0; row < part.id.length; row++) {
      const word = part.id[row] - base;
      if (part.id[row] > 0 && word < region.count) rowOf[word] = row;
    }
    const words = [];
    for (let word = 0; word < region.count; word++) if (rowOf[word] >= 0 || word === 0) words.push(word);
    this.words = Int32Array.from(words);
    this.rows = Int32Array.from(words, word => rowOf[word]);
    this.index = new Int32Array(part.id.length).fill(-1);
    this.kinds = new Map();
    for (let i = 0; i < this.rows.length; i++) {
      if (this.rows[i] >= 0) this.index[this.rows[i]] = i;
      const kind = this.kindOf(i);
      this.kinds.set(kind, (this.kinds.get(kind) || 0) + (this.end(i) - this.words[i]) * this.size);
    }
  }
  end(i) { return i + 1 < this.words.length ? this.words[i + 1] : this.bytes / this.size; }
  kindOf(i) {
    const row = this.rows[i];
    return row < 0 ? 'unused' : this.part.names[this.part.kind[row]];
  }
  find(offset) {
    const i = lastNotAbove(this.words, Math.floor(offset / this.size)), row = this.rows[i];
    return { start: this.words[i] * this.size, end: this.end(i) * this.size, kind: this.kindOf(i), token: row < 0 ? -1 : this.part.token[row], what: row < 0 ? '' : this.part.lines[row].trim() };
  }
  places(selection) {
    const found = [], { token } = this.part, { at, from, to } = selection;
    for (let row = 0; row < token.length; row++) {
      const t = token[row];
      if (t !== at && (t < from || t > to) || this.index[row] < 0) continue;
      const i = this.index[row];
      found.push([this.words[i] * this.size, this.end(i) * this.size]);
    }
    return found;
  }
}

/* The text itself: a byte is its own place. */
class TextRegion {
  constructor(program, region) {
    Object.assign(this, { program, name: region.name, bytes: region.count, size: 1 });
    this.start = program.sources.length > 0 ? program.sources[0].start : region.count;
    this.kinds = new Map([['source text', this.bytes - this.start], ['words the compiler knows', this.start]]);
  }
  find(offset) {
    if (offset < this.start) return { start: 0, end: this.start, kind: 'words the compiler knows', token: -1, what: '' };
    const token = this.program.tokenAt(offset), { pos, length } = this.program.tokens;
    if (token < 0 || offset >= pos[token] + length[token]) return { start: offset, end: offset + 1, kind: 'source text', token: -1, what: 'between tokens' };
    return { start: pos[token], end: pos[token] + length[token], kind: 'source text', token, what: '' };
  }
  places(selection) {
    const { pos, length } = this.program.tokens;
    return [[pos[selection.from], pos[selection.to] + length[selection.to]]];
  }
}

/* Everything else: runs [start, n, place] of neighbours that were made while the same place was worked on. */
class RunRegion {
  constructor(program, region) {
    Object.assign(this, { name: region.name, size: region.size, bytes: region.count * region.size });
    const { runs } = region, n = runs.length / 3;
    this.starts = new Int32Array(n);
    this.tokens = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      this.starts[i] = runs[3 * i];
      this.tokens[i] = program.tokenAt(runs[3 * i + 2]);
    }
    this.kinds = new Map([[this.name, this.bytes]]);
  }
  end(i) { return i + 1 < this.starts.length ? this.starts[i + 1] * this.size : this.bytes; }
  find(offset) {
    const i = lastNotAbove(this.starts, Math.floor(offset / this.size));
    if (i < 0) return { start: 0, end: this.bytes, kind: this.name, token: -1, what: '' };
    return { start: this.starts[i] * this.size, end: this.end(i), kind: this.name, token: this.tokens[i], what: '' };
  }
  places(selection) {
    const found = [];
    for (let i = 0; i < this.starts.length; i++)
      if (litToken(this.tokens[i], selection)) found.push([this.starts[i] * this.size, this.end(i)]);
    return found;
  }
}

function makeRegion(program, region) {
  switch (region.items) {
    case 'tokens': case 'identifiers': return new TokenRegion(program, region);
    case 'nodes': return program.ast ? new WordRegion(program.ast, region) : new RunRegion(program, { ...region, runs: [] });
    case 'instructions': return program.ir ? new WordRegion(program.ir, region) : new RunRegion(program, { ...region, runs: [] });
    case 'text': return new TextRegion(program, region);
    default: return new RunRegion(program, region);
  }
}

const KIND_COLORS = 7; /* the seven largest kinds; all others share one */

class ArenaMap {
  constructor(view) {
    this.view = view;
    this.canvas = document.getElementById('cells');
    this.told = document.getElementById('cells-told');
    this.list = document.getElementById('kinds');
    this.choice = document.getElementById('arenas');
    this.canvas.addEventListener('pointermove', event => this.point(event));
    this.canvas.addEventListener('pointerleave', () => { this.pointed = null; view.hover(null); });
    this.canvas.addEventListener('click', event => {
      const found = this.under(event);
      if (found && found.token >= 0) view.pin(view.program.selectToken(found.token), null);
    });
    this.canvas.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      this.stepCell(step);
      event.preventDefault();
    });
  }

  open(file, program) {
    this.program = program;
    this.file = file;
    this.made = {};
    this.choice.replaceChildren();
    for (const arena of ARENAS) {
      if (!file['map ' + arena]) continue;
      const label = element('label'), input = element('input'), name = element('span', '', arena);
      Object.assign(input, { type: 'radio', name: 'arena', value: arena });
      label.style.setProperty('--arena', `var(--${arena})`);
      input.onchange = () => this.show(arena);
      label.append(input, name);
      this.choice.append(label);
    }
    const inputs = [...this.choice.querySelectorAll('input')];
    const first = inputs.find(input => input.value === 'parse') || inputs[0];
    if (first) {
      first.checked = true;
      this.show(first.value);
    } else {
      this.arena = null;
    }
  }

  next() {
    const inputs = [...this.choice.querySelectorAll('input')];
    const now = inputs.findIndex(input => input.checked);
    if (inputs.length > 0) inputs[(now + 1) % inputs.length].click();
  }

  show(arena) {
    this.arena = arena;
    this.cursor = -1;
    if (!this.made[arena]) this.made[arena] = this.lay(this.file['map ' + arena].map(region => makeRegion(this.program, region)));
    Object.assign(this, this.made[arena]);
    this.pointed = null;
    this.drawKinds();
    this.draw();
  }

  lay(regions) {
    const starts = [], kinds = new Map();
    let total = 0;
    for (const region of regions) {
      starts.push(total);
      total += region.bytes;
      for (const [kind, n] of region.kinds) kinds.set(kind, (kinds.get(kind) || 0) + n);
    }
    const sorted = [...kinds].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
    return { regions, starts, total, sorted, color: new Map(sorted.slice(0, KIND_COLORS).map(([kind], i) => [kind, i])) };
  }

  colorOf(kind) {
    const index = this.color.get(kind);
    return index === undefined ? KIND_COLORS : index;
  }

  drawKinds() {
    this.list.replaceChildren();
    const item = (index, name, n) => {
      const li = element('li'), square = element('i');
      square.style.background = `var(--k${index})`;
      li.append(square, element('span', 'name', name), element('span', '', bytes(n)));
      this.list.append(li);
    };
    this.sorted.slice(0, KIND_COLORS).forEach(([kind, n], i) => item(i, kind, n));
    const rest = this.sorted.slice(KIND_COLORS);
    if (rest.length > 0) item(KIND_COLORS, `${rest.length} more kinds`, rest.reduce((sum, [, n]) => sum + n, 0));
    this.canvas.setAttribute('aria-label', `Map of the ${this.arena} arena, ${bytes(this.total)}: ` +
      this.sorted.slice(0, KIND_COLORS).map(([kind, n]) => `${kind} ${bytes(n)}`).join(', '));
  }

  find(offset) {
    const i = lastNotAbove(this.starts, offset);
    if (i < 0) return null;
    const found = this.regions[i].find(offset - this.starts[i]);
    return { ...found, start: found.start + this.starts[i], end: found.end + this.starts[i], region: this.regions[i] };
  }

  /* Square cells, as large as they can be with one byte or more in each. */
  grid() {
    const box = this.canvas.getBoundingClientRect();
    let side = 20;
    while (side > 5 && Math.floor(box.width / side) * Math.floor(box.height / side) < this.total) side--;
    const across = Math.max(1, Math.floor(box.width / side)), down = Math.max(1, Math.floor(box.height / side));
    const perCell = Math.max(1, Math.ceil(this.total / (across * down)));
    Object.assign(this, { side, across, perCell, n: Math.ceil(this.total / perCell) });
    return box;
  }

  /* All cells, once; what is lit is drawn over a copy of them. */
  draw() {
    if (!this.arena) return;
    const box = this.grid();
    if (!box.width) return;
    const cells = document.createElement('canvas'), ratio = devicePixelRatio;
    cells.width = this.canvas.width = Math.round(box.width * ratio);
    cells.height = this.canvas.height = Math.round(box.height * ratio);
    const context = cells.getContext('2d'), style = getComputedStyle(document.documentElement);
    const colors = Array.from({ length: KIND_COLORS + 1 }, (_, i) => style.getPropertyValue('--k' + i).trim());
    context.scale(ratio, ratio);
    const gap = this.side > 8 ? 1 : .5;
    for (let cell = 0; cell < this.n; cell++) {
      const found = this.find(Math.min(this.total - 1, cell * this.perCell + (this.perCell >> 1)));
      context.fillStyle = colors[this.colorOf(found.kind)];
      context.fillRect(cell % this.across * this.side, Math.floor(cell / this.across) * this.side, this.side - gap, this.side - gap);
    }
    this.cells = cells;
    this.light();
  }

  light() {
    if (!this.arena || !this.cells) return;
    const context = this.canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.cells, 0, 0);
    context.scale(devicePixelRatio, devicePixelRatio);
    this.drawSelection(context, getComputedStyle(document.documentElement));
    this.tell(this.pointed);
  }

  drawSelection(context, style) {
    const { selection } = this.view;
    this.lit = 0;
    if (!selection) return;
    const cells = new Set();
    this.regions.forEach((region, i) => {
      for (const [start, end] of region.places(selection)) {
        this.lit += end - start;
        const last = Math.floor((this.starts[i] + end - 1) / this.perCell);
        for (let cell = Math.floor((this.starts[i] + start) / this.perCell); cell <= last; cell++) cells.add(cell);
      }
    });
    context.fillStyle = style.getPropertyValue('--panel').trim();
    context.globalAlpha = .72;
    for (let cell = 0; cell < this.n; cell++)
      if (!cells.has(cell)) context.fillRect(cell % this.across * this.side, Math.floor(cell / this.across) * this.side, this.side, this.side);
    context.globalAlpha = 1;
  }

  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) / this.side), y = Math.floor((event.clientY - box.top) / this.side);
    const cell = y * this.across + x;
    return x < 0 || x >= this.across || cell < 0 || cell >= this.n ? null : this.find(Math.min(this.total - 1, cell * this.perCell));
  }

  point(event) {
    this.pointed = this.under(event);
    this.view.hover(this.pointed && this.pointed.token >= 0 ? this.view.program.selectToken(this.pointed.token) : null, this);
  }

  /* From one thing in the arena to the next, by the keyboard. */
  stepCell(step) {
    const now = this.cursor < 0 ? null : this.find(this.cursor);
    const to = !now ? 0 : step > 0 ? now.end : now.start - 1;
    if (to < 0 || to >= this.total) return;
    this.cursor = this.find(to).start;
    const found = this.pointed = this.find(this.cursor);
    if (found.token >= 0) this.view.pin(this.view.program.selectToken(found.token), null);
    this.tell(found);
    document.getElementById('live').textContent = this.told.textContent;
  }

  tell(found) {
    if (!found) {
      this.told.textContent = `${this.arena}: ${bytes(this.total)}, ` + (this.perCell > 1 ? `${grouped(this.perCell)} bytes a square` : 'one byte a square') +
        (this.view.selection ? `, ${bytes(this.lit)} of them from what is lit` : '');
      return;
    }
    let place = 'from no place in the source';
    if (found.token >= 0) {
      const line = this.program.lines[this.program.lineOf(found.token)];
      place = `from line ${line.number}: ${this.program.tokenText(found.token).slice(0, 60)}`;
    }
    this.told.replaceChildren();
    put(this.told, `bytes ${grouped(found.start)} to ${grouped(found.end - 1)}: ${found.kind}` +
      `${found.what && found.what !== found.kind ? ` (${found.what.slice(0, 60)})` : ''}, ${place}`);
  }
}

/* ---- the figures ---- */

function drawFigures(table, policy, compiled) {
  const { report } = policy;
  table.replaceChildren();
  const head = table.createTHead().insertRow(), body = table.createTBody();
  for (const name of ['arena', 'used', 'high water', 'allocations', 'freed after', '']) {
    const th = element('th', '', name);
    th.scope = 'col';
    head.append(th);
  }
  const most = Math.max(report.session.used_bytes, ...report.phases.map(phase => phase.high_water_bytes), 1);
  const add = (name, used, high, allocations, freed) => {
    const row = body.insertRow(), th = element('th', '', name), bar = element('div');
    row.style.setProperty('--arena', `var(--${name})`);
    th.scope = 'row';
    row.append(th);
    for (const text of [grouped(used), high === null ? '' : grouped(high), grouped(allocations), freed]) row.append(element('td', '', text));
    bar.style.width = `${100 * (high === null ? used : high) / most}%`;
    const cell = element('td', 'bar');
    cell.append(bar);
    row.append(cell);
  };
  add('session', report.session.used_bytes, null, report.session.allocations, 'the end');
  for (const phase of report.phases) add(phase.name, phase.used_bytes, phase.high_water_bytes, phase.allocations, phase.freed_after);
}
