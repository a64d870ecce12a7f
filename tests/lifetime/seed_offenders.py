"""
Writes a driver and an audit with faults, for offenders.py.  What is done wrong comes from the environment:

    OFFENDER=HOLDER<-TARGET   a pointer into the arena TARGET lies in HOLDER when TARGET dies; if HOLDER was not born
                              then, when the next arena dies.  HOLDER: session, root, parse, ir, codegen.  TARGET: an
                              arena's name.  When the audit is over the bytes are put back, and the compilation goes on.
    OFFENDER_USED=1           and then, when the next phase has begun, the pointer is followed.
    HANDLE=TYPE:PHASE         every field of that type is taken for a handle of the product of PHASE.

seed_offenders.py DRIVER.C AUDIT_FIELDS.C SEEDED_DRIVER.C SEEDED_AUDIT_FIELDS.C
"""
import sys

driver, fields = (open(path).read() for path in sys.argv[1:3])


def replace(text, old, new):
    assert text.count(old) == 1, f'there is no {old!r} any more: put the seed elsewhere'
    return text.replace(old, new)


PLANT = r'''
#include <stdio.h>
#include <stdlib.h>

static const char *target_address;     /* somewhere in the target, which may be dead by now */
static bool is_planted;
static char *planted_at;
static char kept[sizeof(const char *)];

/* "HOLDER<-TARGET": which of the two is `name`? */
static bool is_holder(const char *name)
{
    const char *seed = getenv("OFFENDER");
    return seed != NULL && strncmp(seed, name, strlen(name)) == 0 && strncmp(seed + strlen(name), "<-", 2) == 0;
}

static bool is_target(const char *name)
{
    const char *seed = getenv("OFFENDER");
    return seed != NULL && strcmp(strstr(seed, "<-") + 2, name) == 0;
}

static char *in_array(const Arena *arena, const char *kind)
{
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        if (strcmp(arena->arrays[i].kind, kind) == 0 && arena->arrays[i].count > 0)
            return arena->arrays[i].items;
    return NULL;
}

static char *some_address(const Arena *arena)
{
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        if (arena->arrays[i].count > 0)
            return arena->arrays[i].items;
    return arena->position != NULL ? arena->position - 8 : NULL;
}

/* The last binary operation of the tree: its two children. */
static char *in_tree(const Arena *arena)
{
    const ArenaArray *nodes = &arena->arrays[0];
    Ast ast = {.words = (const uint32_t *)(const void *)nodes->items, .n_words = (uint32_t)nodes->count};
    char *found = NULL;
    for (NodeId node = {1}; node.i < ast.n_words; node = ast_next(&ast, node))
        if (ast_kind(&ast, node) == AST_BINARY)
            found = nodes->items + node.i * sizeof(uint32_t) + offsetof(AstBinary, left);
    return found;
}

/* The first call of the program: from its position on. */
static char *in_instructions(const Arena *arena)
{
    char *words = in_array(arena, "ir word");
    const IrFunction *functions = (const void *)in_array(arena, "ir function");
    Ir ir = {.words = (const uint32_t *)(const void *)words};
    for (ValueId id = {0}; id.i < functions->n_words; id.i += ir_size(ir_head(&ir, functions, id)))
        if (ir_head(&ir, functions, id)->op == IR_CALL)
            return words + (functions->first_word + id.i) * sizeof(uint32_t) + offsetof(IrCall, pos);
    return NULL;
}

/* Where the pointer goes; NULL if the holder is not there yet, or not any more. */
static char *holding_place(Compilation *c, const Arena *dying)
{
    const Arena *parse = &c->phases[PHASE_PARSE].arena, *ir = &c->phases[PHASE_IR].arena;
    if (is_holder("session"))
        return (char *)&((SourceFile *)(void *)c->session.text.files->items)->opened_path;
    if (is_holder("root") && (c->code.n_buffers > 0 || dying == &c->phases[PHASE_CODEGEN].arena))
        return (char *)&c->code.libraries;
    if (is_holder("parse") && parse != dying && parse->account != NULL && parse->n_arrays > 0)
        return in_tree(parse);
    if (is_holder("ir") && ir != dying && ir->account != NULL && in_array(ir, "ir function") != NULL)
        return in_instructions(ir);
    if (is_holder("codegen") && &c->phases[PHASE_CODEGEN].arena != dying && c->session.codegen_heap != NULL)
        return (char *)&c->session.codegen_heap->code.libraries; /* while codegen() runs: for its scratch */
    if (is_holder("codegen") && &c->phases[PHASE_CODEGEN].arena != dying && c->code.n_buffers > 0)
        return (char *)&c->code.buffers->bytes;
    return NULL;
}

static void plant(Compilation *c, const Arena *dying)
{
    if (is_target(dying->name) && target_address == NULL)
        target_address = some_address(dying);
    char *place = target_address != NULL && !is_planted ? holding_place(c, dying) : NULL;
    if (place == NULL)
        return;
    memcpy(kept, place, sizeof kept);
    memcpy(place, &target_address, sizeof kept);
    planted_at = place;
    is_planted = true;
}

static void put_back(void)
{
    if (planted_at != NULL)
        memcpy(planted_at, kept, sizeof kept);
    planted_at = NULL;
}

static void seeded_dying(void *context, const Arena *arena)
{
    Compilation *c = context;
    plant(c, arena);
    if (c->audit != NULL)
        audit_dying(c, arena);
    put_back();
}

static void use_offender(void)
{
    if (getenv("OFFENDER_USED") != NULL && is_planted)
        fprintf(stderr, "%d\n", *(const volatile char *)target_address);
}

'''

driver = replace(driver, '#include "codegen/codegen.h"\n', '#include "codegen/codegen.h"\n#include "codegen/gen.h"\n')
driver = replace(driver, '/* ---- Lifetimes ----', PLANT + '/* ---- Lifetimes ----')
driver = replace(driver, 'c->audit != NULL ? audit_dying : NULL', 'seeded_dying')
driver = replace(driver, '    audit_retire(c, phase);\n',
                 '    plant(c, &c->phases[phase].arena);\n    audit_retire(c, phase);\n    put_back();\n')
driver = replace(driver, '    measure_phase_begins(c, phase);\n', '    measure_phase_begins(c, phase);\n    use_offender();\n')
driver = replace(driver, '    deliver_code(c);\n    retire(c, PHASE_CODEGEN);\n',
                 '    deliver_code(c);\n    retire(c, PHASE_CODEGEN);\n    use_offender();\n')
open(sys.argv[3], 'w').write(driver)

BELONGS = '''{
    static const char *const names[] = {"lex", "parse", "ir", "codegen"};
    const char *seed = getenv("HANDLE");
    size_t length = strlen(field->type);
    if (seed != NULL && strncmp(seed, field->type, length) == 0 && seed[length] == ':')
        return strcmp(seed + length + 1, names[phase]) == 0;
'''
fields = replace(fields, 'static bool belongs_to(const AuditField *field, Phase phase)\n{\n',
                 'static bool belongs_to(const AuditField *field, Phase phase)\n' + BELONGS)
fields = replace(fields, '#include <string.h>\n', '#include <stdlib.h>\n#include <string.h>\n')
open(sys.argv[4], 'w').write(fields)
