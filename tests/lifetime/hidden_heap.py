"""
No hidden heap: nothing of ours but the arena module calls malloc or its kin, nor a libc function that calls it for us.

Looks at the undefined symbols of the objects in libpolec.a.  Streams are allowed: libc keeps a FILE and its buffer to
itself, for stdout too.  So is what LLVM, the loader and threads do for themselves.

hidden_heap.py LIBPOLEC -- CC...
"""
import pathlib
import re
import subprocess
import sys
import tempfile

HEAP = set('''
    malloc calloc realloc reallocarray free cfree memalign aligned_alloc posix_memalign valloc pvalloc
    strdup strndup __strdup __strndup wcsdup getline getdelim __getdelim getwline
    asprintf vasprintf __asprintf_chk __vasprintf_chk open_memstream open_wmemstream tempnam popen
    opendir fdopendir scandir scandir64 glob glob64 ftw nftw fts_open wordexp
    realpath canonicalize_file_name get_current_dir_name
    qsort qsort_r setenv putenv regcomp setlocale newlocale iconv_open tsearch hcreate backtrace_symbols
'''.split())    # qsort: glibc sorts more than a kilobyte in a malloced copy

# The arena module, for --arena-policy=malloc; and the run-time library, whose heap is the compiled program's.
MAY = re.compile(r'(base_arena\w*|runtime_\w+)\.c\.o$')


def offenders(library):
    symbols = subprocess.run(['nm', '--print-file-name', '--undefined-only', library], check=True,
                             capture_output=True, text=True).stdout
    found = []
    for place, symbol in re.findall(r'^(.*):\s+[Uw] ([^\s@]+)', symbols, re.MULTILINE):
        if symbol in HEAP and not MAY.search(place):
            found.append(f'{place} calls {symbol}')
    return found


library, cc = sys.argv[1], sys.argv[sys.argv.index('--') + 1:]
print('1..2')
found = offenders(library)
print('not ok' if found else 'ok', '- no object calls the heap')
for offender in found:
    print('#', offender)

with tempfile.TemporaryDirectory() as scratch:
    source, object_file = pathlib.Path(scratch) / 'mistake.c', pathlib.Path(scratch) / 'mistake.c.o'
    source.write_text('char *strdup(const char *); char *f(const char *s) { return strdup(s); }\n')
    subprocess.run([*cc, '-c', source, '-o', object_file], check=True)
    print('ok' if len(offenders(object_file)) == 1 else 'not ok', '- a mistake is noticed')
