"""
No shared mutable state beside the pool: every variable that outlives a call is on this list, with the reason why two
compilations side by side do not meet in it.  Constants with addresses in them (.data.rel.ro) are read-only once the program
runs.

shared_state.py LIBRARY -- CC...
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell

PROCESS = 'of the command line, which is there once in a process; the library does not come here'
ALLOWED = {
    'base_arena_pool': ({'bss_claimed', 'bss_pool'}, 'the pool: the first kilobytes, claimed by one atomic exchange'),
    'base_arena_lane': ({'small_segments'}, 'the pool: memory of the first pool alone, which claimed it'),
    'audit': ({'one_too_many'}, 'of each thread: the finding that there is no room for'),
    'codegen_emit': ({'once'}, 'pthread_once'),
    'link_llvm_start': ({'once', 'constructing', 'no_arguments'}, 'pthread_once; of each thread; what constructors get, which is written by nobody'),
    'codegen_heap_meter': ({'heap_meter'}, "of each thread: its part of LLVM's heap"),
    'codegen_jit': ({'loaded', 'to_tell', 'allocate'}, PROCESS),
    'output': ({'temporaries', 'this_thread', 'catches_signals', 'writer'}, 'files that a signal has to remove: under a lock, which knows its thread; of the command line: whether signals are caught, and whom they have to stop'),
    'faults': ({'before', 'main_stack', 'watched', 'ending'}, PROCESS),
    'lsp_server': ({'server'}, PROCESS), 'lsp_transport': ({'json_arena'}, PROCESS),
    'progress': ({'stands'}, PROCESS), 'testing': ({'after_failure', 'outcomes_of_child'}, PROCESS),
    'watch': ({'ending', 'resized', 'stopping', 'watch'}, PROCESS), 'watch_view': ({'screen_is_entered'}, PROCESS),
}


def variables(library):
    """Object and name of every variable in a section that stays writable."""
    table = subprocess.run(['objdump', '-t', library], check=True, capture_output=True, text=True).stdout
    place = None
    for line in table.splitlines():
        if match := re.match(r'(.*):\s+file format', line):
            place = re.sub(r'^.*compiler_|\.c\.o$', '', match[1])
        elif (match := re.match(r'[0-9a-f]+ .{5}[^d]. (\.t?(?:bss|data)\S*|\*COM\*)\t[0-9a-f]+ (?:\.hidden )?(\S+)$', line)) and \
                not match[1].startswith('.data.rel.ro') and not match[2].startswith('.'):
            yield place, re.sub(r'\.\d+$', '', match[2])


def not_allowed(library):
    """Of the compiler: what is in runtime/ is the compiled program's."""
    return [f'{place}: {name}' for place, name in variables(library)
            if name not in ALLOWED.get(place, ((), ''))[0] and not place.startswith('runtime_')]


library, cc = sys.argv[1], sys.argv[sys.argv.index('--') + 1:]
found = list(variables(library))
tell(('base_arena_pool', 'bss_pool') in found, 'the pool is seen', found)
tell(not not_allowed(library), 'nothing else is shared', *not_allowed(library))
stale = [(place, name) for place, (names, _) in ALLOWED.items() for name in names if (place, name) not in found]
tell(not stale, 'what is allowed is there', stale)
with tempfile.TemporaryDirectory() as scratch:
    source, object_file = pathlib.Path(scratch) / 'mistake.c', pathlib.Path(scratch) / 'mistake.c.o'
    source.write_text('static int calls; int next(void); int next(void) { static const int by = 1; return calls += by; }\n')
    subprocess.run([*cc, '-c', source, '-o', object_file], check=True)
    tell(len(not_allowed(object_file)) == 1, 'a mistake is noticed', not_allowed(object_file))
finish()
