"""
What a test driver says, in the form that meson reads (Test Anything Protocol).

    sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
    from tap import finish, tell

tell(good, what, seen) is one check: whether it holds, what it is about, and what was seen instead.  finish() comes last: a
driver that ends before has failed, since its plan is missing.
"""
count = 0


def tell(good, what, *seen):
    """One check.  Returns whether it holds."""
    global count
    count += 1
    print('ok' if good else 'not ok', count, '-', what, flush=True)
    if not good:
        comment(' '.join(map(str, seen)))
    return bool(good)


def skip(what, why):
    """A check that cannot be made on this machine."""
    tell(True, f'{what} # SKIP {why}')


def comment(text):
    print('#', text[:3000].replace('\\n', '\n').replace('\n', '\n# '), flush=True)


def skip_all(why):
    print(f'1..0 # SKIP {why}')
    raise SystemExit(0)


def finish():
    print(f'1..{count}')
