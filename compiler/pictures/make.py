#!/usr/bin/env python3
"""Makes the pictures of the READMEs, and the report in README.md, from real runs:  make.py POLEC

To be run from Debian's python3 (python3-selenium and chromium draw the page) in the top directory:

    /usr/bin/python3 compiler/pictures/make.py build/polec

page.png is the page of --memory-report=html in a browser, trace.svg what a viewer of traces shows of --memory-report=trace;
the diagrams of the course are drawn by course.py, and `make.py POLEC course` makes them alone.  made-from.txt says of which
version of the page the picture is; a test (tests/readme/) says when it or a diagram is an old one.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

import course

pictures = pathlib.Path(__file__).resolve().parent
project = pictures.parent.parent
EXAMPLE, FILES = 'examples/57-expressions.pole-ir', ['examples/57-expressions.pole-ir', 'examples/58-json.pole-ir',
                                                     'examples/61-adventure.pole-ir', 'examples/62-bigint.pole-ir']
PHASES = ['lex', 'parse', 'ir', 'codegen']
COLORS = {'lex': '#c4661f', 'parse': '#2f8a4c', 'ir': '#2a66c8', 'codegen': '#8a4fc0', 'session': '#7d7a73', 'LLVM': '#b0436e'}


def page_version():
    """Of all that the page is made of."""
    digest = hashlib.sha256()
    for path in sorted((project / 'compiler/page').iterdir()):
        if path.suffix in ('.css', '.js', '.html'):
            digest.update(path.read_bytes())
    return digest.hexdigest()


# ---- The report in README.md -----------------------------------------------------------------------------------------

def write_report(polec):
    run = subprocess.run([polec, 'run', '--memory-report', 'examples/01-factorial.pole-ir'], cwd=project,
                         capture_output=True, text=True, check=True)
    shown = run.stderr.split('\n\n  what it was')[0]
    readme = project / 'README.md'
    text = readme.read_text()
    fresh, n = re.subn(r'```\nmemory of examples/01-factorial.*?\n```', lambda _: f'```\n{shown}\n```', text, flags=re.DOTALL)
    assert n == 1, 'README.md has lost its report'
    readme.write_text(fresh)


# ---- The page --------------------------------------------------------------------------------------------------------

def draw_page(polec):
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    options = Options()
    options.binary_location = '/usr/bin/chromium'
    for flag in ('headless', 'no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking',
                 'disable-component-update', 'disable-sync', 'disable-dev-shm-usage', 'window-size=1500,1060'):
        options.add_argument('--' + flag)
    driver = webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / 'page.html'
        subprocess.run([polec, '-c', '-o', os.devnull, '--memory-report=html', f'--memory-report-file={page}', EXAMPLE],
                       cwd=project, check=True)
        driver.get(f'file://{page}')
        driver.execute_script('''
            const source = document.querySelector('.column');
            [...source.querySelectorAll('.t')].find(t => t.textContent === 'match').click();
            source.querySelector('.list').scrollTop = 210;''')
        driver.execute_async_script('const done = arguments[0]; setTimeout(done, 300)')
        driver.save_screenshot(str(pictures / 'page.png'))
    driver.quit()


# ---- The trace -------------------------------------------------------------------------------------------------------

class Drawing:
    """The spans of each thread, and below them its counters, as viewers of this format lay them out."""
    LEFT, WIDTH, SPAN, COUNTER = 190, 1070, 20, 30

    def __init__(self, events):
        self.events = events
        self.end = max(event['ts'] + event.get('dur', 0) for event in events if 'ts' in event)
        self.parts, self.y = [], 34

    def x(self, microseconds):
        return self.LEFT + self.WIDTH * microseconds / self.end

    def text(self, x, y, text, color='#1c1b19', anchor='start', size=12):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>')

    def box(self, x, y, width, height, color, title):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, .6):.1f}" height="{height:.1f}" fill="{color}"><title>{escape(title)}</title></rect>')

    def axis(self):
        step = 10 ** (len(str(int(self.end))) - 1)
        step = step / 2 if self.end / step < 4 else step
        for i in range(int(self.end / step) + 1):
            x = self.x(i * step)
            self.parts.append(f'<line x1="{x:.1f}" y1="24" x2="{x:.1f}" y2="HEIGHT" stroke="#dedad1"/>')
            if x < self.LEFT + self.WIDTH - 50:
                self.text(x + 3, 18, f'{i * step / 1000:g} ms', '#6a6760')

    def spans(self, thread):
        self.text(8, self.y + 14, f'thread {thread}')
        for event in self.events:
            if event['ph'] != 'X' or event['tid'] != thread:
                continue
            phase = event['name'] in PHASES
            x, width = self.x(event['ts']), self.WIDTH * event['dur'] / self.end
            y = self.y + (self.SPAN + 2 if phase else 0)
            self.box(x, y, width, self.SPAN, COLORS.get(event['name'], '#b9b4a8'), f"{event['name']}: {event['dur'] / 1000:.3f} ms")
            name = event['name'].split('/')[-1]
            if width > 7 * len(name) + 8:
                self.text(x + 5, y + 14, name, '#fff' if phase else '#1c1b19')
        self.y += 2 * self.SPAN + 12

    def counter(self, thread, name):
        points = [(e['ts'], e['args']['bytes']) for e in self.events if e['ph'] == 'C' and e['tid'] == thread and e['name'] == name]
        most = max((n for _, n in points), default=0)
        if not most:
            return
        bottom, path = self.y + self.COUNTER, []
        for (at, n), (until, _) in zip(points, points[1:] + [(self.end, 0)]):
            top = bottom - (self.COUNTER - 4) * n / most
            path.append(f'L{self.x(at):.1f} {top:.1f}L{self.x(until):.1f} {top:.1f}')
        color = COLORS[name.split("'")[0].split()[0]]
        self.parts.append(f'<path d="M{self.x(points[0][0]):.1f} {bottom}{"".join(path)}L{self.x(self.end):.1f} {bottom}Z" fill="{color}"/>')
        self.text(20, bottom - 6, name)
        self.text(self.LEFT - 8, bottom - 6, f'{most:,}', '#6a6760', 'end')
        self.y = bottom + 4

    def svg(self):
        self.axis()
        for thread in sorted({event['tid'] for event in self.events}):
            self.spans(thread)
            for name in ('session arena', *(f'{phase} arena' for phase in PHASES), "LLVM's heap"):
                self.counter(thread, name)
            self.y += 12
        body = '\n'.join(self.parts).replace('HEIGHT', str(self.y - 10))
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 {self.y}" font-family="system-ui, DejaVu Sans, sans-serif">\n'
                f'<rect width="1280" height="{self.y}" fill="#fff"/>\n{body}\n</svg>\n')


def draw_trace(polec):
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / 'trace.json'
        subprocess.run([polec, '-c', '-j', '2', '--memory-report=trace', f'--memory-report-file={trace}',
                        f'-ffile-prefix-map={project}/=', *(project / file for file in FILES)], cwd=folder, check=True)
        events = json.loads(trace.read_text())['traceEvents']
    (pictures / 'trace.svg').write_text(Drawing(events).svg())


def draw_course(polec):
    for name, svg in course.drawn(polec).items():
        (pictures / name).write_text(svg)


def main():
    polec = os.path.abspath(sys.argv[1])
    draw_course(polec)
    if sys.argv[2:] == ['course']:
        return
    write_report(polec)
    draw_page(polec)
    draw_trace(polec)
    (pictures / 'made-from.txt').write_text(page_version() + '\n')


if __name__ == '__main__':
    main()
