/*
 * Records in which order a program first calls its functions: the linker's symbol ordering file.
 *
 *   record_order OUTPUT PROGRAM -- ARGUMENTS... [-- ARGUMENTS...]...
 *
 * LLVM brings some forty thousand functions, and a small compile runs a few thousand of them that lie scattered over
 * 30 MB of code.  Every page touched costs a page fault.  When the linker puts those that run side by side, a start
 * touches a tenth of the pages.  (Figures: compiler/meson.build.)
 *
 * The technique is a debugger with a breakpoint on every function.  A breakpoint is removed when it is hit for the
 * first time, so the program runs at nearly full speed, and one recording takes a fraction of a second.  A sampling
 * or simulating profiler would do as well, but is slower, and one more program to install.
 *
 * Where tracing is forbidden (some containers) the file is written empty: the build goes on, and only the order is lost.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    uint64_t address;
    const char *name;
    unsigned char first_byte;   /* what the breakpoint replaced */
    bool called;
} Function;

static const unsigned char breakpoint = 0xcc;

static int by_address(const void *a, const void *b)
{
    const Function *f = a, *g = b;
    if (f->address != g->address)
        return f->address < g->address ? -1 : 1;
    return strcmp(f->name, g->name);
}

/* Every function symbol of the program, sorted by address.  The program is not relocated, so addresses are final. */
static Function *read_functions(const char *program, size_t *n_functions)
{
    int fd = open(program, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return NULL;
    const unsigned char *image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (image == MAP_FAILED)
        return NULL;

    const Elf64_Ehdr *header = (const void *)image;
    const Elf64_Shdr *sections = (const void *)(image + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB)
            continue;
        const Elf64_Sym *symbols = (const void *)(image + sections[i].sh_offset);
        const char *names = (const char *)image + sections[sections[i].sh_link].sh_offset;
        size_t n_symbols = sections[i].sh_size / sizeof *symbols;
        Function *functions = calloc(n_symbols, sizeof *functions);
        size_t n = 0;
        for (size_t s = 0; functions && s < n_symbols; s++) {
            unsigned section = symbols[s].st_shndx;
            if (ELF64_ST_TYPE(symbols[s].st_info) != STT_FUNC || section == SHN_UNDEF || section >= header->e_shnum)
                continue;
            uint64_t offset = symbols[s].st_value - sections[section].sh_addr + sections[section].sh_offset;
            functions[n++] = (Function){ symbols[s].st_value, names + symbols[s].st_name, image[offset], false };
        }
        if (n)
            qsort(functions, n, sizeof *functions, by_address);
        *n_functions = n;
        return functions;
    }
    return NULL;
}

static Function *find(Function *functions, size_t n, uint64_t address)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (functions[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && functions[low].address == address ? &functions[low] : NULL;
}

static bool patch(int memory, uint64_t address, unsigned char byte)
{
    return pwrite(memory, &byte, 1, (off_t)address) == 1;
}

/* Runs the program once; appends the functions called for the first time.  False: tracing does not work here. */
static bool trace(FILE *output, char **argv, Function *functions, size_t n)
{
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            execv(argv[0], argv);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return false;
    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_EXITKILL);

    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/mem", (long)child);
    int memory = open(path, O_RDWR);
    bool ok = memory >= 0;
    for (size_t i = 0; ok && i < n; i++)
        if (!functions[i].called)
            ok = patch(memory, functions[i].address, breakpoint);
    if (!ok) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return false;
    }

    long signal_to_pass = 0;
    while (ptrace(PTRACE_CONT, child, NULL, (void *)signal_to_pass) == 0 && waitpid(child, &status, 0) == child
           && WIFSTOPPED(status)) {
        signal_to_pass = WSTOPSIG(status);
        if (signal_to_pass != SIGTRAP)
            continue;
        signal_to_pass = 0;
        struct user_regs_struct registers;
        ptrace(PTRACE_GETREGS, child, NULL, &registers);
        Function *f = find(functions, n, registers.rip - 1);
        if (!f)
            continue;
        registers.rip--;
        ptrace(PTRACE_SETREGS, child, NULL, &registers);
        patch(memory, f->address, f->first_byte);
        for (; f < functions + n && f->address == registers.rip; f++) {
            f->called = true;
            fprintf(output, "%s\n", f->name);   /* several names may share an address */
        }
    }
    close(memory);
    return WIFEXITED(status);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return fprintf(stderr, "usage: record_order OUTPUT PROGRAM -- ARGUMENTS... [-- ARGUMENTS...]...\n"), 2;
    FILE *output = fopen(argv[1], "w");
    size_t n = 0;
    Function *functions = read_functions(argv[2], &n);
    if (!output || !functions)
        return fprintf(stderr, "record_order: %s or %s: %s\n", argv[1], argv[2], strerror(errno)), 1;
    /* The separator before each run's arguments becomes its argv[0], the next one its end. */
    for (int i = 3; i < argc;) {
        char **run = &argv[i];
        *run = argv[2];
        for (i++; i < argc && strcmp(argv[i], "--") != 0; i++)
            ;
        argv[i] = NULL;
        if (!trace(output, run, functions, n))
            fprintf(stderr, "record_order: a traced run failed; the program will start a little slower\n");
    }
    return fclose(output) == 0 ? 0 : 1;
}
