"""
The diagrams of compiler/README.md, drawn from one run:  polec -c --memory-report=html examples/58-json.pole-ir

What the page of that report is made of has the bytes of every arena at each allocation, what lies in the arenas, and the
same under the other policies.  No time is drawn, so a run draws the same picture on every machine; a test (tests/readme/)
draws it anew and says when a figure or a curve is an old one.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
from xml.sax.saxutils import escape

project = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = 'examples/58-json.pole-ir'
PHASES = ['lex', 'parse', 'ir', 'codegen']
ARENAS = ['session', *PHASES]
ARROWS = {'lex': 'text → tokens', 'parse': 'tokens → AST', 'ir': 'AST → IR', 'codegen': 'IR → LLVM'}
READ = {'lex': 'the AST stands', 'parse': 'the IR stands', 'ir': 'LLVM has it', 'codegen': 'the object stands'}
SAMPLES = 40        # of a curve, in each phase

# Light and dark: colours are in classes, and a picture lies on a card of its own, whatever page is around it.
LIGHT = {'card': '#ffffff', 'edge': '#d8d4cb', 'ink': '#1c1b19', 'pale': '#6a6760', 'grid': '#e4e0d7', 'empty': '#f3f0ea',
         'session': '#8d8a82', 'lex': '#c4661f', 'parse': '#2f8a4c', 'ir': '#2a66c8', 'codegen': '#8a4fc0', 'warn': '#b3261e'}
DARK = {'card': '#191817', 'edge': '#3a3833', 'ink': '#ece9e2', 'pale': '#a19d93', 'grid': '#33312d', 'empty': '#262422',
        'session': '#8d8a82', 'lex': '#e08a47', 'parse': '#4fb06e', 'ir': '#5b93ee', 'codegen': '#ad7be0', 'warn': '#f2857c'}


class Picture:
    def __init__(self, width, height, title):
        self.width, self.height, self.title, self.parts = width, height, title, []

    def text(self, x, y, text, kind='ink', anchor='start', size=13, weight='normal'):
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">{escape(text)}</text>')

    def box(self, x, y, width, height, kind, title=''):
        inside = f'<title>{escape(title)}</title>' if title else ''
        self.parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 1.5):.1f}" height="{height:.1f}">{inside}</rect>')

    def line(self, x1, y1, x2, y2, kind='grid', dash=''):
        dashed = f' stroke-dasharray="{dash}"' if dash else ''
        self.parts.append(f'<line class="{kind} stroke" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{dashed}/>')

    def shape(self, points, kind, title=''):
        inside = f'<title>{escape(title)}</title>' if title else ''
        self.parts.append(f'<path class="{kind}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}Z">{inside}</path>')

    def curve(self, points, kind, dash=''):
        dashed = f' stroke-dasharray="{dash}"' if dash else ''
        self.parts.append(f'<path class="{kind} stroke" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"{dashed}/>')

    def dot(self, x, y, kind):
        self.parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')

    def svg(self):
        rules = lambda colors: ' '.join(f'.{kind} {{ fill: {color}; }} .{kind}.stroke {{ fill: none; stroke: {color}; }}' for kind, color in colors.items())
        body = '\n'.join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img" font-family="system-ui, DejaVu Sans, sans-serif">\n'
                f'<title>{escape(self.title)}</title>\n'
                f'<style>\n{rules(LIGHT)}\n.stroke {{ stroke-width: 1.2; }} #frame {{ stroke: {LIGHT["edge"]}; }}\n'
                f'@media (prefers-color-scheme: dark) {{ {rules(DARK)} #frame {{ stroke: {DARK["edge"]}; }} }}\n</style>\n'
                f'<rect id="frame" class="card" x=".5" y=".5" width="{self.width - 1}" height="{self.height - 1}" rx="8"/>\n{body}\n</svg>\n')


# ---- What is drawn ---------------------------------------------------------------------------------------------------

def record(polec):
    """What the page is made of."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / 'page.html'
        subprocess.run([polec, '-c', '-o', os.devnull, '--memory-report=html', f'--memory-report-file={page}', EXAMPLE],
                       cwd=project, check=True)
        return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page.read_text(), re.S)[1])['files'][0]


def resampled(values, n):
    """`n` values and the last one, evenly spaced, of a list of any length; straight lines in between."""
    result = []
    for i in range(n + 1):
        place = i * (len(values) - 1) / n
        below = min(int(place), len(values) - 2)
        part = place - below
        result.append([a + (b - a) * part for a, b in zip(values[below], values[below + 1])])
    return result


def phases_of(run):
    """For each phase the bytes of the arenas at every allocation in it, and what they are when it has ended and what it read has
    been freed."""
    found = []
    for phase, began in enumerate(run['began']):
        end = next(m['at'] for m in run['moments'] if m['phase'] == phase and not m['freed'])
        start = found[-1][1] if found else [0] * len(ARENAS)
        within = [start]
        for at, *values in run['points']:
            if (phase == 0 or at >= began) and at <= end[0] and values[:-1] != within[-1]:   # not what LLVM alone has made
                within.append(values[:-1])
        frees = [m['at'][1:-1] for m in run['moments'] if m['freed'] and m['at'][0] >= end[0] and
                 (phase + 1 == len(run['began']) or m['at'][0] < run['began'][phase + 1])]
        within.append(end[1:-1])
        found.append((resampled(within, SAMPLES), frees[-1] if frees else end[1:-1], end[1:-1]))
    return found


class Plane:
    """Phases side by side, all of one width: where the k-th sample of one lies, and its arenas."""

    def __init__(self, phases, left, width, gap):
        self.phases, self.left, self.gap = phases, left, gap
        self.column = (width - gap * len(phases)) / len(phases)

    def start(self, phase):
        return self.left + phase * (self.column + self.gap)

    def end(self, phase):
        return self.start(phase) + self.column

    def points(self, amount):
        """x and amount(values) of all samples, with a step in the middle of the gap behind every phase, where arenas are freed."""
        result = []
        for phase, (samples, after, end) in enumerate(self.phases):
            result += [(self.start(phase) + self.column * i / SAMPLES, amount(values)) for i, values in enumerate(samples)]
            middle = self.end(phase) + self.gap / 2
            result += [(middle, amount(end)), (middle, amount(after))]
        return result + [(self.end(len(self.phases) - 1) + self.gap, amount(self.phases[-1][1]))]


def stacked(picture, plane, bottom, height, most):
    """The arenas one on top of the other."""
    for i, arena in enumerate(ARENAS):
        below, above = (plane.points(lambda values, n=n: sum(values[:n])) for n in (i, i + 1))
        y = lambda points: [(x, bottom - height * amount / most) for x, amount in points]
        picture.shape(y(above) + y(below)[::-1], arena, arena)


def total(plane):
    return max(amount for _, amount in plane.points(sum))


# ---- Lifetimes -------------------------------------------------------------------------------------------------------

def lifetimes(run):
    """Every arena's bytes, from its birth to its death."""
    left, width, gap, row_height, height = 150, 730, 22, 66, 44
    picture = Picture(900, 588, 'The bytes of every arena from phase to phase, and the sum of all')
    plane, whole = (Plane(phases_of(which), left, width, gap) for which in (run, run['policy 1']))
    used = {**{phase['name']: phase for phase in run['report']['phases']}, 'session': run['report']['session']}
    for phase, name in enumerate(PHASES):
        middle = (plane.start(phase) + plane.end(phase)) / 2
        picture.box(plane.start(phase), 14, plane.column, 40, 'empty')
        picture.text(middle, 31, 'build' if name == 'ir' else name, 'ink', 'middle', 14, 'bold')
        picture.text(middle, 47, ARROWS[name], 'pale', 'middle', 12)
        x = plane.end(phase) + gap / 2
        picture.line(x, 58, x, 532, 'edge', '3 3')
    most = max(amount for i in range(len(ARENAS)) for _, amount in plane.points(lambda values: values[i]))
    for row, arena in enumerate(ARENAS):
        bottom = 116 + row_height * row
        picture.line(left, bottom, left + width, bottom)
        points = plane.points(lambda values: values[row])
        born = next(i for i, (_, amount) in enumerate(points) if amount > 0)
        dead = len(points) - next(i for i, (_, amount) in enumerate(points[::-1]) if amount > 0)
        points = points[max(born - 1, 0):dead + 1]
        curve = [(x, bottom - height * amount / most) for x, amount in points]
        picture.shape([(curve[0][0], bottom), *curve, (curve[-1][0], bottom)], arena, f'{arena}: {used[arena]["used_bytes"]:,} bytes')
        picture.text(18, bottom - 18, arena, arena, size=14, weight='bold')
        picture.text(18, bottom - 2, f'{used[arena]["used_bytes"]:,} bytes', 'pale', size=12)
        high = used[arena].get('high_water_bytes', 0)
        if high - used[arena]['used_bytes'] > most / 4:
            top = min(range(len(curve)), key=lambda i: curve[i][1])
            picture.text(curve[top][0] + 4, curve[top][1] - 6, f'{high:,} with scratch', 'pale', 'end', 12)
        x = points[-1][0]
        if arena == 'session':
            picture.text(left + 6, bottom - 34, 'text, names, types: alive to the end', 'pale', size=12)
            continue
        picture.dot(x, bottom, arena)
        if x < 700:
            picture.text(x + 9, bottom - 6, f'freed: {READ[arena]}', size=12)
        else:
            picture.text(x - 6, bottom + (-22 if arena == 'ir' else 17), f'freed: {READ[arena]}', 'ink', 'end', 12)
    bottom, height, top = 532, 88, total(whole)
    picture.line(left, bottom, left + width, bottom, 'pale')
    stacked(picture, plane, bottom, height, top)
    picture.curve([(x, bottom - height * amount / top) for x, amount in whole.points(sum)], 'warn', '5 3')
    picture.text(18, bottom - 48, 'all arenas', size=14, weight='bold')
    picture.text(18, bottom - 32, f'{run["report"]["peak_live_bytes"]:,} at most', 'pale', size=12)
    picture.text(18, bottom - 14, f'{run["policy 1"]["report"]["peak_live_bytes"]:,} if', 'warn', size=12)
    picture.text(18, bottom, 'all were kept', 'warn', size=12)
    picture.text(left, bottom + 24, f'{EXAMPLE}, compiled to an object. From left to right: allocations in their order;', 'pale', size=12)
    picture.text(left, bottom + 40, 'every phase is drawn as wide as every other. The five rows have one scale, their sum another.', 'pale', size=12)
    return picture.svg()


# ---- One arena -------------------------------------------------------------------------------------------------------

SMALL, FIRST = 64 << 10, 64     # bytes of a lane that lie in .bss; elements of an array's first step


def arena(run):
    """The arrays of the lex arena in their lanes, and what vectors that move when they double would have left behind."""
    shown, left, width = 8192, 150, 500
    lanes = [(lane['name'], lane['count'], lane['size']) for lane in run['map lex']]
    heights = [56 if n > FIRST else 34 for _, n, _ in lanes]
    picture = Picture(900, 62 + sum(heights) + 54, 'The lanes of the lex arena')
    x = lambda amount: left + width * amount / shown
    for kib in range(0, 9, 2):
        picture.line(x(kib * 1024), 44, x(kib * 1024), picture.height - 54)
        picture.text(x(kib * 1024), 34, f'{kib} KiB' if kib else '0', 'pale', 'middle', 12)
    assert all(n * size <= shown for _, n, size in lanes), 'the ruler is too short'
    picture.text(x(shown) + 80, 26, f'{SMALL >> 10} KiB', 'pale', 'end', 12)
    picture.text(x(shown) + 80, 40, 'in .bss', 'pale', 'end', 12)
    picture.text(882, 26, '32 GiB', 'pale', 'end', 12)
    picture.text(882, 40, 'of addresses', 'pale', 'end', 12)
    y, all_left_behind = 54, 0
    for (name, n, size), height in zip(lanes, heights):
        picture.text(18, y + 10, name, size=13, weight='bold')
        picture.text(18, y + 25, f'{n:,} × {size} {"byte" if size == 1 else "bytes"}', 'pale', size=12)
        picture.box(left, y, width + 82, 18, 'empty')
        picture.line(left + width + 82, y + 9, 882, y + 9, 'edge', '4 4')
        picture.box(left, y, x(n * size) - left, 18, 'lex', f'{n * size:,} bytes')
        step = FIRST
        while step < n:
            picture.line(x(step * size), y, x(step * size), y + 18, 'card')
            step *= 2
        behind = (step - FIRST) * size
        all_left_behind += behind
        if behind > 0:
            picture.box(left, y + 22, x(behind) - left, 5, 'warn', f'{behind:,} bytes')
            picture.text(x(behind) + 8, y + 30, f'{behind:,} bytes of old copies, if it had to move', 'warn', size=12)
        y += height
    used = sum(n * size for _, n, size in lanes)
    picture.text(18, y + 20, f'{EXAMPLE}, lexed: {used:,} bytes. A gap in a bar is where the array passed 64, 128, 256 ... elements. There a vector', 'pale', size=12)
    picture.text(18, y + 36, f'that doubles would move, and leave its old copy in the arena: {all_left_behind:,} bytes in all. A lane has room ahead, so nothing moves.', 'pale', size=12)
    return picture.svg()


# ---- Policies --------------------------------------------------------------------------------------------------------

def policies(run):
    """All arenas from phase to phase, three times."""
    picture = Picture(900, 304, 'Bytes alive under each of the three policies')
    runs = [('phase', 'an arena ends when it has been read', run), ('whole', 'all arenas end together', run['policy 1']),
            ('malloc', 'as phase, but each block by itself', run['policy 2'])]
    most = max(total(Plane(phases_of(which), 0, 100, 0)) for _, _, which in runs)
    for i, (name, what, which) in enumerate(runs):
        left, width, bottom, height = 24 + 292 * i, 268, 236, 150
        plane = Plane(phases_of(which), left, width, 8)
        picture.text(left, 28, name, size=15, weight='bold')
        picture.text(left, 46, what, 'pale', size=12)
        picture.line(left, bottom, left + width, bottom, 'pale')
        stacked(picture, plane, bottom, height, most)
        y = bottom - height * total(plane) / most
        picture.line(left, y, left + width, y, 'warn', '5 3')
        picture.text(left, y - 6, f'{which["report"]["peak_live_bytes"]:,} bytes at most', 'warn', size=12)
        for phase, name in enumerate(PHASES):
            picture.text((plane.start(phase) + plane.end(phase)) / 2, bottom + 17, 'build' if name == 'ir' else name, 'pale', 'middle', 12)
    x = 24
    for name in ARENAS:
        picture.box(x, 277, 11, 11, name)
        picture.text(x + 16, 287, name, size=12)
        x += 36 + 8 * len(name)
    picture.text(876, 287, f'{EXAMPLE}, compiled to an object; {run["report"]["total_allocations"]} allocations each', 'pale', 'end', 12)
    return picture.svg()


DIAGRAMS = {'lifetimes.svg': lifetimes, 'arena.svg': arena, 'policies.svg': policies}


def drawn(polec):
    run = record(polec)
    return {name: draw(run) for name, draw in DIAGRAMS.items()}


def differences(old, new):
    """What of an old picture a new one says otherwise: words, or numbers by more than a fifth (places: by twelve)."""
    number = re.compile(r'\d[\d,]*(?:\.\d+)?')
    if number.sub('#', old) != number.sub('#', new):
        return ['it is another picture']
    found = []
    for a, b in zip(number.findall(old), number.findall(new)):
        x, y = (float(word.replace(',', '')) for word in (a, b))
        if abs(x - y) > max(12, y / 5):
            found.append((a, b))
    return found
