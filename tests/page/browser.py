"""
The page of --memory-report=html in a browser: pointed at, clicked, used by keyboard alone, in light and dark, with a
hostile program, with one that fails, with several files, and with 50,000 lines.

browser.py POLEC PROJECT [TEST...]
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

polec, project = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
inputs = pathlib.Path(__file__).resolve().parent / 'Inputs'
factorial = project / 'examples/01-factorial.pole-ir'
COLUMNS = ['Source', 'Tokens', 'AST', 'IR', 'LLVM IR']
work = tempfile.TemporaryDirectory()


def make(name, *arguments, status=0):
    path = pathlib.Path(work.name) / name
    done = subprocess.run([polec, '--memory-report=html', f'--memory-report-file={path}', *map(str, arguments)],
                          capture_output=True, cwd=work.name)
    assert done.returncode == status, done
    return path


class Page:
    """The browser, with words for what the tests do in it."""

    def __init__(self):
        options = Options()
        options.binary_location = '/usr/bin/chromium'
        for flag in ('headless', 'no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking',
                     'disable-component-update', 'disable-sync', 'disable-dev-shm-usage', 'window-size=1600,1000'):
            options.add_argument('--' + flag)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
        self.driver = webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)
        self.driver.set_script_timeout(60)

    def open(self, path):
        self.driver.get('file://' + str(path))
        self.wait(lambda: self.js('return document.documentElement.dataset.ready') == 'true', 60)
        self.js('localStorage.clear()')
        return self

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, 'waited in vain'
            time.sleep(.02)

    def frame(self):
        """Until what has changed is drawn."""
        self.driver.execute_async_script('const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))')

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def column(self, name):
        return self.js('return [...document.querySelectorAll(".column")].find(c => c.querySelector("h2 button").textContent === arguments[0])', name)

    def row(self, name, text):
        row = self.js('return [...arguments[0].querySelectorAll(".row")].find(r => r.textContent.includes(arguments[1]))',
                      self.column(name), text)
        assert row, (name, text)
        return row

    def token(self, text, nth=0):
        return self.js('return [...document.querySelectorAll(".t")].filter(t => t.textContent === arguments[0])[arguments[1]]', text, nth)

    def point(self, element):
        """At its left end; coming from elsewhere, so that no column moves on the way."""
        self.away()
        self.js('arguments[0].scrollIntoView({ block: "center", inline: "nearest" })', element)
        self.frame()
        x, y = self.js('const b = arguments[0].getBoundingClientRect(); return [b.left + Math.min(8, b.width / 2), b.top + b.height / 2]', element)
        pointer = ActionBuilder(self.driver, duration=0)
        pointer.pointer_action.move_to_location(round(x), round(y))
        pointer.perform()
        self.frame()

    def away(self):
        ActionChains(self.driver, duration=0).move_to_element(self.find('h1')).perform()
        self.frame()

    def rest(self):
        """On what is pointed at, until the columns have come to it."""
        time.sleep(.45)
        self.frame()

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()
        self.frame()

    def lit(self, kind='at'):
        """The lit lines, or in the source tokens, by column."""
        return self.js('''return Object.fromEntries([...document.querySelectorAll('.column')].map(c =>
            [c.querySelector('h2 button').textContent, [...c.querySelectorAll('.row.' + arguments[0] + ', .t.' + arguments[0])]
              .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
              .map(e => [...e.childNodes].filter(n => n.className !== 'n' && n.className !== 'label').map(n => n.textContent).join('').trim())]))''', kind)

    def text(self, selector):
        return self.js('return document.querySelector(arguments[0]).textContent', selector)

    def errors(self):
        return [entry for entry in self.driver.get_log('browser') if entry['level'] in ('SEVERE', 'WARNING')
                and entry['source'] != 'rendering'] # advice about speed

    def is_quiet(self):
        errors = self.errors()
        assert errors == [], errors
        return True

    def color(self, selector, property='background-color'):
        return self.js('return getComputedStyle(document.querySelector(arguments[0])).getPropertyValue(arguments[1])', selector, property)


# ---- Tests: each opens what it needs ---------------------------------------------------------------------------------

def test_opens(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    assert page.driver.title.endswith('01-factorial.pole-ir \u2013 polec')
    captions = {c: page.js('return arguments[0].querySelector("small").textContent', page.column(c)) for c in COLUMNS}
    assert captions['Source'].startswith('13 lines') and captions['Tokens'] == '75' and captions['AST'] == '44 nodes', captions
    assert page.js('return performance.getEntriesByType("resource").length') == 0
    assert page.is_quiet()
    assert page.js('return document.documentElement.scrollWidth <= innerWidth')


def test_point_at_token(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    page.point(page.token('-'))
    page.rest()
    assert page.lit() == {'Source': ['-'], 'Tokens': ['-'], 'AST': ['binary -'], 'IR': ['%5 = sub %0, %4 : Int'],
                          'LLVM IR': ['%5 = sub i64 %0, 1']}, page.lit()
    around = page.lit('in')
    assert around['Source'] == ['n', '1'] and around['AST'] == ['name n', 'int 1'] and around['IR'] == ['block 2():', '%4 = int 1 : Int'], around
    page.away()
    assert not any(page.lit().values()) and not any(page.lit('in').values())


def test_point_back(page):
    """From the other columns to the source."""
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    for column, line in (('AST', 'binary <='), ('IR', 'le %0'), ('LLVM IR', 'icmp sle'), ('Tokens', '<=')):
        page.point(page.row(column, line))
        lit = page.lit()
        assert lit['Source'] == ['<='] and lit['AST'] == ['binary <='] and lit['IR'][0].startswith('%2 = le') and lit['LLVM IR'][0].startswith('%2 = icmp'), (column, lit)
        assert page.lit('in')['Source'] == ['n', '1']
    page.point(page.row('AST', 'func factorial'))
    assert {'if', 'n', '*', '('} <= set(page.lit('in')['Source'])
    page.point(page.row('IR', 'func factorial'))
    assert page.lit()['Source'] == ['factorial'], page.lit()
    page.point(page.row('LLVM IR', 'define internal i64 @pole.factorial'))
    assert page.lit()['Source'] == ['factorial'], page.lit()


def test_brackets(page):
    """A bracket belongs to what it encloses."""
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    page.js('for (const n of [2, 3]) document.querySelectorAll(".column h2 button")[n].click()') # room for the source
    page.point(page.js('return document.querySelector(".t[data-t=\'35\']")'))
    page.rest()
    assert page.lit()['Tokens'] == [')']
    assert page.lit('in')['Source'] == ['factorial', '(', 'n', '-', '1'], page.lit('in')


def test_pin(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    page.token('<=').click()
    page.away()
    assert page.lit()['IR'] == ['%2 = le %0, %1 : Bool', 'branch %2, 1, 2']
    page.point(page.row('AST', 'param n'))
    assert page.lit()['Source'] == ['n']
    page.away()
    assert page.lit()['IR'] == ['%2 = le %0, %1 : Bool', 'branch %2, 1, 2']
    page.press(Keys.ESCAPE)
    assert not any(page.lit().values())


def test_reveal(page):
    """A click brings the other columns to what is lit, also sideways."""
    page.open(make('j.html', '-c', '-o', os.devnull, project / 'examples/58-json.pole-ir'))
    page.js('arguments[0].scrollTop = 1e9', page.js('return arguments[0].querySelector(".list")', page.column('IR')))
    page.frame()
    page.js('''const rows = [...arguments[0].querySelectorAll('.row')].filter(r => r.textContent.includes(' = call'));
               rows[rows.length - 1].click()''', page.column('IR'))
    page.frame()
    for column in COLUMNS[:3]:
        visible = page.js('''const list = arguments[0].querySelector('.list').getBoundingClientRect();
            return [...arguments[0].querySelectorAll('.row.at, .t.at')].some(e => {
              const box = e.getBoundingClientRect();
              return box.top >= list.top - 1 && box.bottom <= list.bottom + 1 && (e.classList.contains('row') || (box.left >= list.left && box.left < list.right)); })''', page.column(column))
        assert visible, column


def test_keyboard(page):
    """Everything without a mouse, and told to who cannot see it."""
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    seen = []
    for _ in range(40):
        page.press(Keys.TAB)
        label = page.js('const e = document.activeElement; return e.getAttribute("aria-label") || e.textContent || e.id')
        seen.append(label)
        if label.startswith('IR,'):
            break
    assert any(label.startswith('Source,') for label in seen) and seen[-1].startswith('IR,'), seen
    page.press(Keys.HOME, *[Keys.ARROW_DOWN] * 4)
    assert page.lit()['IR'][0] == '%2 = le %0, %1 : Bool'
    active = page.js('const e = document.activeElement; return document.getElementById(e.getAttribute("aria-activedescendant")).textContent')
    assert 'le %0' in active
    assert '<=' in page.text('#live') and 'line 7' in page.text('#live') and 'node' in page.text('#live'), page.text('#live')
    page.press(Keys.ARROW_RIGHT)
    assert page.lit()['Source'] == ['1']
    page.press(Keys.END)
    assert page.lit('at')['Source'] == ['main']
    page.press(*'34')
    assert page.js('return arguments[0].classList.contains("folded")', page.column('AST'))
    page.press(*'34')
    assert not page.js('return arguments[0].classList.contains("folded")', page.column('AST'))
    page.press('?')
    assert page.find('#help-text').is_displayed()
    page.press('?')
    page.js('document.getElementById("curve").focus()')
    page.press(Keys.ARROW_RIGHT)
    assert page.text('#live').startswith('lex end: session '), page.text('#live')
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.text('#live').startswith('lex freed: '), page.text('#live')
    page.js('document.getElementById("cells").focus()')
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.text('#live').startswith('bytes ') and any(page.lit().values())


def test_policies(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))

    def freed():
        return {line.get_attribute('data-freed'): float(line.get_attribute('x1')) for line in page.all('line.freed')}

    def bands():
        return page.js('return Object.fromEntries([...document.querySelectorAll("polygon[data-arena]")].map(p => [p.dataset.arena, p.getAttribute("points")]))')

    def freed_after():
        return page.js('return [...document.querySelectorAll("#figures tbody tr")].map(r => r.cells[4].textContent)')
    early, bands_phase, told = freed(), bands(), page.text('#timeline-told')
    assert early['lex'] < early['parse'] < early['ir'] <= early['codegen']
    assert freed_after() == ['the end', 'parse', 'ir', 'codegen', 'codegen']
    page.js('document.querySelector("input[value=whole]").click()')
    late = freed()
    assert late['lex'] > early['parse'] + 50 and freed_after() == ['the end'] + 4 * ['codegen']
    assert bands()['lex'] != bands_phase['lex'] and page.text('#timeline-told') != told
    page.press('p')
    assert page.js('return document.querySelector("input[name=policy]:checked").value') == 'malloc'
    assert 'mallocs, freed one by one' in page.text('#timeline-told')
    page.press('p')
    assert page.js('return document.querySelector("input[name=policy]:checked").value') == 'phase'
    assert bands() == bands_phase and page.is_quiet()
    page.open(make('w.html', '--check', '--arena-policy=whole', factorial))
    assert page.js('return document.querySelector("input[name=policy]:checked").value') == 'whole'


def test_curve(page):
    """Pointing at the curve tells the bytes; they are those of the report."""
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    curve = page.find('#curve')
    told = page.text('#timeline-told')
    ActionChains(page.driver, duration=0).move_to_element(curve).perform()
    page.frame()
    assert 'session ' in page.text('#timeline-told') and page.text('#timeline-told') != told
    page.away()
    assert page.text('#timeline-told') == told
    used = page.js('return [...document.querySelectorAll("#figures tbody tr")].map(r => [r.cells[0].textContent, r.cells[1].textContent.replace(/\\D/g, "")])')
    report = page.js('return JSON.parse(document.getElementById("data").textContent).files[0].report')
    assert used == [['session', str(report['session']['used_bytes'])]] + [[p['name'], str(p['used_bytes'])] for p in report['phases']]


def test_map(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    cells = page.find('#cells')

    def at(x, y):
        ActionChains(page.driver, duration=0).move_to_element_with_offset(cells, -cells.size['width'] // 2 + x, -cells.size['height'] // 2 + y).perform()
        page.frame()
        return page.text('#cells-told')

    def pixel():
        return page.js('''const c = document.getElementById('cells'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            const seen = new Set(); for (let i = 0; i < d.length; i += 4) if (d[i + 3]) seen.add(d.slice(i, i + 3).join()); return seen.size''')
    for arena in ('session', 'lex', 'parse', 'ir', 'codegen'):
        page.js('document.querySelector(`input[name=arena][value=${arguments[0]}]`).click()', arena)
        page.frame()
        assert page.text('#cells-told').startswith(arena + ': ') and pixel() >= 3, arena
        assert cells.get_attribute('aria-label').startswith(f'Map of the {arena} arena')
        kinds = page.js('return [...document.querySelectorAll("#kinds .name")].map(e => e.textContent)')
        assert kinds, arena
    page.js('document.querySelector("input[name=arena][value=lex]").click()')
    assert 'from line 4: extern' in at(4, 4), at(4, 4)
    assert page.lit()['Source'] == ['extern'] and page.lit()['Tokens'] == ['extern']
    cells.click()
    page.away()
    assert len(page.lit()['Tokens']) == 1 and 'of them from what is lit' in page.text('#cells-told')
    before = page.js('return document.querySelector("input[name=arena]:checked").value')
    page.press('m')
    assert page.js('return document.querySelector("input[name=arena]:checked").value') != before


def contrast(a, b):
    def channel(x):
        x /= 255
        return x / 12.92 if x <= .03928 else ((x + .055) / 1.055) ** 2.4

    def luminance(color):
        r, g, b = (float(x) for x in color[color.index('(') + 1:-1].split(',')[:3])
        return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b)
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + .05) / (dark + .05)


def check_contrast(page):
    page.point(page.token('-'))
    for selector, behind in (('body', 'body'), ('.column small', '.column'), ('.told', 'figure'), ('.row.at', '.row.at'),
                             ('.row.in', '.row.in'), ('.row .n', '.column'), ('.row .keyword', '.column'), ('.row .literal', '.column')):
        ratio = contrast(page.color(selector, 'color'), page.color(behind))
        assert ratio >= 4.5, (selector, ratio)


def test_light_and_dark(page):
    page.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': 'light'}]})
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    light = page.color('body')
    check_contrast(page)
    page.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': 'dark'}]})
    page.frame()
    dark = page.color('body')
    assert dark != light
    check_contrast(page)
    page.press('d')
    assert page.color('body') == light and page.text('#theme').endswith('light')
    page.press('d')
    assert page.color('body') == dark
    check_contrast(page)
    page.press('d')
    assert page.text('#theme').endswith('auto')
    page.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': []})


def test_text_size(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    height = page.row('IR', 'le %0').size['height']
    page.press('+', '+', '+')
    assert page.row('IR', 'le %0').size['height'] > height
    page.press('-', '-', '-')
    assert page.row('IR', 'le %0').size['height'] == height
    page.find('#larger').click()
    assert page.row('IR', 'le %0').size['height'] > height
    page.press('-')


def test_hostile(page):
    page.open(make('h.html', '-c', '-o', os.devnull, inputs / 'hostile.pole-ir'))
    assert page.is_quiet()
    assert page.driver.title.endswith('polec')
    assert page.js('return document.querySelectorAll("script").length') == 2
    assert page.all('main img, main script, .row b') == []
    odd = page.js('return [...document.querySelectorAll(".odd")].map(e => e.textContent)')
    assert {'U+202E', 'U+202C', 'U+2028'} <= set(odd), odd
    assert '\u202e' not in page.js('return document.body.innerText') and '\u2028' not in page.js('return document.querySelector("main").textContent')
    assert page.row('Source', "</script><script>document.title = 'owned'") and page.row('IR', '</script><b>%s</b>')
    assert len(page.js('return [...document.querySelectorAll(".column")][0].querySelectorAll(".row")')) == 11

    named = pathlib.Path(work.name) / '<b>\u202e\u2215script.pole-ir'
    named.write_text(factorial.read_text())
    page.open(make('n.html', '--check', named))
    assert page.text('#file-name').endswith('<b>U+202E\u2215script.pole-ir') and page.all('h1 b') == [] and page.is_quiet()


def test_names(page):
    """Names from right to left: as far as it got, and told."""
    page.open(make('r.html', '-c', '-o', os.devnull, inputs / 'names.pole-ir', status=1))
    assert page.is_quiet() and len(page.all('#diagnostics li')) >= 2 and page.all('main script') == []
    assert 'error[E005]' in page.text('#diagnostics') and page.row('Source', '</script>')


def test_failing(page):
    broken = pathlib.Path(work.name) / 'broken.pole-ir'
    broken.write_text('func f (x: Int) -> Int : lenght(x)\n\nfunc g () -> Int : 1\n')
    page.open(make('b.html', '-c', '-o', os.devnull, broken, status=1))
    assert page.text('#diagnostics').startswith('error[E204] line 1:')
    page.find('#diagnostics button').click()
    page.frame()
    assert page.lit()['Source'] == ['lenght']
    assert 'did not get this far' in page.js('return arguments[0].textContent', page.column('LLVM IR'))
    page.open(make('l.html', '-c', '-o', os.devnull, '--memory-limit=parse:64', broken, status=3))
    assert 'error[E901]' in page.text('#diagnostics') and page.is_quiet()
    page.open(make('m.html', '-c', '-o', os.devnull, 'missing.pole-ir', status=4))
    assert 'missing.pole-ir' in page.text('#diagnostics') and page.is_quiet()
    broken.write_text('')
    page.open(make('e.html', '--check', broken))
    assert page.is_quiet()


def test_several(page):
    page.open(make('s.html', '--check', factorial, project / 'examples/58-json.pole-ir'))
    assert page.find('#file-select').is_displayed() and not page.find('#file-name').is_displayed()
    page.js('const s = document.getElementById("file-select"); s.value = "1"; s.dispatchEvent(new Event("change"))')
    page.frame()
    assert page.driver.title.endswith('58-json.pole-ir \u2013 polec') and page.row('Source', 'JSON')


def test_names_for_readers(page):
    """Everything that one can get to has a name and a role."""
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    nodes = page.driver.execute_cdp_cmd('Accessibility.getFullAXTree', {})['nodes']
    n = 0
    for node in nodes:
        focusable = any(p['name'] == 'focusable' and p['value'].get('value') for p in node.get('properties', []))
        if node.get('ignored') or not focusable or node['role']['value'] == 'RootWebArea':
            continue
        n += 1
        assert node.get('name', {}).get('value'), node['role']
    assert n >= 20
    roles = {node['role']['value'] for node in nodes if 'role' in node}
    assert {'listbox', 'option', 'radio', 'table', 'banner', 'main'} <= roles, roles


def test_print(page):
    page.open(make('f.html', '-c', '-o', os.devnull, factorial))
    page.js('dispatchEvent(new Event("beforeprint"))')
    assert page.js('return arguments[0].querySelectorAll(".row").length', page.column('LLVM IR')) >= 45
    page.js('dispatchEvent(new Event("afterprint"))')
    pdf = page.driver.execute_cdp_cmd('Page.printToPDF', {'preferCSSPageSize': True, 'printBackground': True})['data']
    assert len(pdf) > 20000


def check_large(page, functions, seconds):
    source = pathlib.Path(work.name) / 'large.pole-ir'
    subprocess.run([sys.executable, project / 'benches/generate.py', '--functions', str(functions), '--seed', '3', '-o', source], check=True)
    lines = source.read_text().count('\n')
    path = make('large.html', '-c', '-o', os.devnull, source)
    start = time.monotonic()
    page.open(path)
    loaded = time.monotonic() - start
    print(f'# {lines} lines: {path.stat().st_size / 1e6:.2f} MB, open in {loaded:.2f} s')
    assert loaded < seconds
    assert page.js('return document.querySelectorAll("*").length') < 2500
    for column in COLUMNS:
        page.js('const l = arguments[0].querySelector(".list"); l.scrollTop = l.scrollHeight', page.column(column))
        page.frame()
        last = page.js('return Math.max(...[...arguments[0].querySelectorAll(".row")].map(r => Number(r.getAttribute("aria-posinset"))))', page.column(column))
        size = page.js('return Number(arguments[0].querySelector(".row").getAttribute("aria-setsize"))', page.column(column))
        assert last == size, (column, last, size)
    page.js('const rows = arguments[0].querySelectorAll(".row"); rows[rows.length >> 1].click()', page.column('LLVM IR'))
    page.frame()
    took = page.driver.execute_async_script('''const done = arguments[0], spans = [...document.querySelectorAll('.t')].slice(0, 20), start = performance.now();
        let i = 0; const next = () => { if (i === spans.length) { done((performance.now() - start) / i); return; }
          spans[i++].dispatchEvent(new PointerEvent('pointerover', { bubbles: true })); requestAnimationFrame(next); }; next()''')
    print(f'# a token pointed at is lit in {took:.0f} ms')
    assert took < seconds * 60 and page.is_quiet()


def test_2000_lines(page):
    check_large(page, 125, 5)


def test_50000_lines(page):
    check_large(page, 3020, 30)


def main():
    tests = [(name, test) for name, test in list(globals().items()) if name.startswith('test_') and (len(sys.argv) < 4 or name in sys.argv[3:])]
    page = Page()
    print(f'1..{len(tests)}')
    for n, (name, test) in enumerate(tests, 1):
        try:
            test(page)
            print('ok', n, '-', name[5:].replace('_', ' '), flush=True)
        except Exception:
            print('not ok', n, '-', name[5:].replace('_', ' '))
            print('# ' + traceback.format_exc().replace('\n', '\n# ')[-2500:], flush=True)
    page.driver.quit()


main()
