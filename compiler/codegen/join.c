/*
 * Joining the units' objects to one.
 *
 * `ld -r` does this, but then compiling to an object would need a linker, a process and temporary files, and the bytes
 * would depend on which linker the system has.  What LLVM writes for us is plain enough to be joined here, in a few
 * passes that only copy:
 *
 *   1. sections of one name and kind are laid one behind the other; each unit remembers where its own came to lie
 *   2. symbols are numbered anew, locals first as ELF wants it.  Global ones are found by name, so that a call in one
 *      unit meets the definition in another; when all are known, hidden ones become local
 *   3. contents are copied, relocations with their offsets and symbols adjusted
 *
 * A relocation that names a section instead of a symbol counts from the section's start, so there the addend moves.
 */
#include "codegen/join.h"

#include <elf.h>
#include <string.h>

/* A section of the result. */
typedef struct {
    const char *name;
    uint32_t type, name_offset, index, symbol;
    uint64_t flags, entry_size, alignment, size, offset;
    uint64_t n_relocations, relocations_offset, relocations_filled;
    uint32_t relocations_index, relocations_name_offset;
} Section;

/* Where one unit's section went; `section` is an index + 1 into Join.sections, 0 if it went nowhere. */
typedef struct { uint32_t section; uint64_t base; } Placed;

typedef struct {
    const char *bytes;
    const Elf64_Shdr *sections;
    uint32_t n_sections, n_symbols;
    const Elf64_Sym *symbols;
    const char *names, *symbol_names;
    Placed *placed;       /* by section */
    uint32_t *numbers;    /* by symbol: of the result's, or index + 1 of a global one while they are collected */
} Unit;

typedef struct { const char *name; uint32_t hash; Elf64_Sym symbol; uint32_t number; } Global;

typedef struct {
    Arena *scratch;
    Unit *units;
    uint32_t n_units;
    ArenaArray *sections;  /* Section */
    ArenaArray *globals;   /* Global */
    uint32_t *slots;       /* open addressing: index + 1 of a global */
    uint32_t n_slots;
    ArenaArray *names;     /* char: the result's string table */
    ArenaArray *locals;    /* Elf64_Sym */
    ArenaArray *symbols;   /* Elf64_Sym: all, in order */
} Join;

static Section *sections_of(const Join *join) { return (void *)join->sections->items; }
static Global *globals_of(const Join *join) { return (void *)join->globals->items; }

/* ---- reading a unit ---------------------------------------------------------------------------------------------- */

static void open_unit(Join *join, Unit *unit, const char *bytes)
{
    const Elf64_Ehdr *header = (const void *)bytes;
    unit->bytes = bytes;
    unit->sections = (const void *)(bytes + header->e_shoff);
    unit->n_sections = header->e_shnum != 0 ? header->e_shnum : (uint32_t)unit->sections[0].sh_size;
    uint32_t names = header->e_shstrndx != SHN_XINDEX ? header->e_shstrndx : unit->sections[0].sh_link;
    unit->names = bytes + unit->sections[names].sh_offset;
    unit->placed = arena_push_zero(join->scratch, unit->n_sections * sizeof(Placed));
    unit->n_symbols = 0;
    for (uint32_t i = 0; i < unit->n_sections; i++) {
        const Elf64_Shdr *section = &unit->sections[i];
        if (section->sh_type != SHT_SYMTAB)
            continue;
        unit->symbols = (const void *)(bytes + section->sh_offset);
        unit->n_symbols = (uint32_t)(section->sh_size / sizeof(Elf64_Sym));
        unit->symbol_names = bytes + unit->sections[section->sh_link].sh_offset;
    }
    unit->numbers = arena_push_zero(join->scratch, unit->n_symbols * sizeof(uint32_t) + 1);
}

static uint32_t add_name(Join *join, const char *name)
{
    size_t length = strlen(name) + 1;
    uint32_t offset = (uint32_t)join->names->count;
    memcpy(array_push(join->names, length), name, length);
    return offset;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static bool is_content(const Elf64_Shdr *section)
{
    return section->sh_type != SHT_NULL && section->sh_type != SHT_SYMTAB && section->sh_type != SHT_STRTAB &&
           section->sh_type != SHT_RELA;
}

static uint32_t section_for(Join *join, const char *name, const Elf64_Shdr *like)
{
    Section *sections = sections_of(join);
    for (uint32_t i = 0; i < join->sections->count; i++)
        if (sections[i].type == like->sh_type && sections[i].flags == like->sh_flags &&
            sections[i].entry_size == like->sh_entsize && strcmp(sections[i].name, name) == 0)
            return i;
    *(Section *)array_push(join->sections, 1) = (Section){
        .name = name, .type = like->sh_type, .flags = like->sh_flags, .entry_size = like->sh_entsize, .alignment = 1};
    return (uint32_t)join->sections->count - 1;
}

static uint64_t align_up(uint64_t offset, uint64_t alignment)
{
    return (offset + alignment - 1) & ~(alignment - 1);
}

static void place_sections(Join *join, Unit *unit)
{
    for (uint32_t i = 0; i < unit->n_sections; i++) {
        const Elf64_Shdr *from = &unit->sections[i];
        if (!is_content(from))
            continue;
        uint32_t index = section_for(join, unit->names + from->sh_name, from);
        Section *to = &sections_of(join)[index];
        uint64_t alignment = from->sh_addralign > 0 ? from->sh_addralign : 1;
        unit->placed[i] = (Placed){index + 1, align_up(to->size, alignment)};
        to->size = unit->placed[i].base + from->sh_size;
        to->alignment = alignment > to->alignment ? alignment : to->alignment;
    }
    for (uint32_t i = 0; i < unit->n_sections; i++) /* sh_info: the section that the relocations are for */
        if (unit->sections[i].sh_type == SHT_RELA && unit->placed[unit->sections[i].sh_info].section != 0)
            sections_of(join)[unit->placed[unit->sections[i].sh_info].section - 1].n_relocations +=
                unit->sections[i].sh_size / sizeof(Elf64_Rela);
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

static uint32_t hash_name(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (; *name != 0; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001B3u;
    return (uint32_t)(hash ^ hash >> 32);
}

static void grow_slots(Join *join)
{
    join->n_slots = join->n_slots == 0 ? 256 : join->n_slots * 2;
    join->slots = arena_push_zero(join->scratch, join->n_slots * sizeof(uint32_t));
    for (uint32_t i = 0; i < join->globals->count; i++) {
        uint32_t slot = globals_of(join)[i].hash & (join->n_slots - 1);
        while (join->slots[slot] != 0)
            slot = (slot + 1) & (join->n_slots - 1);
        join->slots[slot] = i + 1;
    }
}

/* Index of the global symbol of this name, made if there is none. */
static uint32_t global_named(Join *join, const char *name)
{
    if (join->globals->count * 2 >= join->n_slots)
        grow_slots(join);
    uint32_t hash = hash_name(name), mask = join->n_slots - 1, slot = hash & mask;
    for (; join->slots[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t known = join->slots[slot] - 1;
        if (globals_of(join)[known].hash == hash && strcmp(globals_of(join)[known].name, name) == 0)
            return known;
    }
    *(Global *)array_push(join->globals, 1) = (Global){.name = name, .hash = hash};
    join->slots[slot] = (uint32_t)join->globals->count;
    return (uint32_t)join->globals->count - 1;
}

static bool in_section(const Elf64_Sym *symbol)
{
    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < SHN_LORESERVE;
}

/* The symbol as the result has it: section by index + 1 into Join.sections for now. */
static Elf64_Sym moved(const Unit *unit, const Elf64_Sym *symbol)
{
    Elf64_Sym result = *symbol;
    if (in_section(symbol)) {
        result.st_shndx = (uint16_t)unit->placed[symbol->st_shndx].section;
        result.st_value += unit->placed[symbol->st_shndx].base;
    }
    return result;
}

static void collect_local(Join *join, Unit *unit, uint32_t index, bool first_unit)
{
    const Elf64_Sym *symbol = &unit->symbols[index];
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    if (type == STT_SECTION || (type == STT_FILE && !first_unit))
        return; /* the result has section symbols of its own, and one file */
    Elf64_Sym copy = moved(unit, symbol);
    copy.st_name = add_name(join, unit->symbol_names + symbol->st_name);
    *(Elf64_Sym *)array_push(join->locals, 1) = copy;
    unit->numbers[index] = (uint32_t)join->locals->count; /* behind the null symbol */
}

static void collect_global(Join *join, Unit *unit, uint32_t index)
{
    const Elf64_Sym *symbol = &unit->symbols[index];
    uint32_t number = global_named(join, unit->symbol_names + symbol->st_name);
    Global *global = &globals_of(join)[number];
    if (symbol->st_shndx != SHN_UNDEF)
        global->symbol = moved(unit, symbol);
    else if (global->symbol.st_shndx == SHN_UNDEF)
        global->symbol.st_info = symbol->st_info;
    unit->numbers[index] = number + 1;
}

static void collect_symbols(Join *join, Unit *unit, bool first_unit)
{
    for (uint32_t i = 1; i < unit->n_symbols; i++)
        if (ELF64_ST_BIND(unit->symbols[i].st_info) == STB_LOCAL)
            collect_local(join, unit, i, first_unit);
        else
            collect_global(join, unit, i);
}

static bool becomes_local(const Global *global)
{
    return global->symbol.st_shndx != SHN_UNDEF && ELF64_ST_VISIBILITY(global->symbol.st_other) == STV_HIDDEN;
}

static void add_global(Join *join, Global *global)
{
    Elf64_Sym symbol = global->symbol;
    symbol.st_name = add_name(join, global->name);
    if (becomes_local(global)) {
        symbol.st_info = ELF64_ST_INFO(STB_LOCAL, ELF64_ST_TYPE(symbol.st_info));
        symbol.st_other = STV_DEFAULT;
    }
    global->number = (uint32_t)join->symbols->count;
    *(Elf64_Sym *)array_push(join->symbols, 1) = symbol;
}

/* Null, locals as collected, sections, hidden ones, globals.  Returns the number of locals. */
static uint32_t order_symbols(Join *join)
{
    *(Elf64_Sym *)array_push(join->symbols, 1) = (Elf64_Sym){0};
    memcpy(array_push(join->symbols, join->locals->count), join->locals->items, join->locals->count * sizeof(Elf64_Sym));
    for (uint32_t i = 0; i < join->sections->count; i++) {
        sections_of(join)[i].symbol = (uint32_t)join->symbols->count;
        *(Elf64_Sym *)array_push(join->symbols, 1) =
            (Elf64_Sym){.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION), .st_shndx = (uint16_t)(i + 1)};
    }
    for (uint32_t i = 0; i < join->globals->count; i++)
        if (becomes_local(&globals_of(join)[i]))
            add_global(join, &globals_of(join)[i]);
    uint32_t n_locals = (uint32_t)join->symbols->count;
    for (uint32_t i = 0; i < join->globals->count; i++)
        if (!becomes_local(&globals_of(join)[i]))
            add_global(join, &globals_of(join)[i]);
    Elf64_Sym *symbols = (void *)join->symbols->items;
    for (uint32_t i = 0; i < join->symbols->count; i++)
        if (in_section(&symbols[i]))
            symbols[i].st_shndx = (uint16_t)sections_of(join)[symbols[i].st_shndx - 1].index;
    return n_locals;
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

/* Header indices: null, then every section with its relocations behind it, the symbols, the names. */
static uint32_t number_sections(Join *join)
{
    uint32_t next = 1;
    for (uint32_t i = 0; i < join->sections->count; i++) {
        Section *section = &sections_of(join)[i];
        section->index = next++;
        section->name_offset = add_name(join, section->name);
        if (section->n_relocations > 0) {
            section->relocations_index = next++;
            section->relocations_name_offset = add_name(join, ".rela");
            join->names->count--; /* the section's name goes on where ".rela" ends */
            add_name(join, section->name);
        }
    }
    return next;
}

static uint64_t place_contents(Join *join, uint64_t offset)
{
    for (uint32_t i = 0; i < join->sections->count; i++) {
        Section *section = &sections_of(join)[i];
        section->offset = offset = align_up(offset, section->alignment);
        if (section->type != SHT_NOBITS)
            offset += section->size;
        section->relocations_offset = offset = align_up(offset, 8);
        offset += section->n_relocations * sizeof(Elf64_Rela);
    }
    return offset;
}

static void copy_relocations(const Join *join, const Unit *unit, const Elf64_Shdr *from, char *result)
{
    Placed target = unit->placed[from->sh_info];
    Section *section = &sections_of(join)[target.section - 1];
    const Elf64_Rela *relocations = (const void *)(unit->bytes + from->sh_offset);
    Elf64_Rela *to = (void *)(result + section->relocations_offset);
    for (uint64_t i = 0; i < from->sh_size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela relocation = relocations[i];
        uint32_t index = (uint32_t)ELF64_R_SYM(relocation.r_info), number = unit->numbers[index];
        const Elf64_Sym *symbol = &unit->symbols[index];
        relocation.r_offset += target.base;
        if (ELF64_ST_TYPE(symbol->st_info) == STT_SECTION) {
            relocation.r_addend += (int64_t)unit->placed[symbol->st_shndx].base;
            number = sections_of(join)[unit->placed[symbol->st_shndx].section - 1].symbol;
        } else if (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL) {
            number = globals_of(join)[number - 1].number;
        }
        relocation.r_info = ELF64_R_INFO((uint64_t)number, ELF64_R_TYPE(relocation.r_info));
        to[section->relocations_filled++] = relocation;
    }
}

static void copy_unit(const Join *join, const Unit *unit, char *result)
{
    for (uint32_t i = 0; i < unit->n_sections; i++) {
        const Elf64_Shdr *from = &unit->sections[i];
        Placed placed = unit->placed[i];
        if (placed.section != 0 && from->sh_type != SHT_NOBITS)
            memcpy(result + sections_of(join)[placed.section - 1].offset + placed.base, unit->bytes + from->sh_offset,
                   from->sh_size);
        if (from->sh_type == SHT_RELA && unit->placed[from->sh_info].section != 0)
            copy_relocations(join, unit, from, result);
    }
}

static void write_section_headers(const Join *join, Elf64_Shdr *headers, uint32_t symbols_index)
{
    for (uint32_t i = 0; i < join->sections->count; i++) {
        const Section *section = &sections_of(join)[i];
        headers[section->index] = (Elf64_Shdr){
            .sh_name = section->name_offset, .sh_type = section->type, .sh_flags = section->flags,
            .sh_offset = section->offset, .sh_size = section->size, .sh_addralign = section->alignment,
            .sh_entsize = section->entry_size};
        if (section->n_relocations > 0)
            headers[section->relocations_index] = (Elf64_Shdr){
                .sh_name = section->relocations_name_offset, .sh_type = SHT_RELA, .sh_flags = SHF_INFO_LINK,
                .sh_offset = section->relocations_offset, .sh_size = section->n_relocations * sizeof(Elf64_Rela),
                .sh_link = symbols_index, .sh_info = section->index, .sh_addralign = 8, .sh_entsize = sizeof(Elf64_Rela)};
    }
}

/* Lays everything out: header, contents, symbols, names, section headers. */
static CodeBuffer write_object(Join *join, Arena *arena, CodeBuffer *objects)
{
    uint32_t symbols_index = number_sections(join), n_sections = symbols_index + 2;
    uint32_t symbols_name = add_name(join, ".symtab"), names_name = add_name(join, ".strtab");
    uint32_t n_locals = order_symbols(join);
    uint64_t contents_end = place_contents(join, sizeof(Elf64_Ehdr));
    uint64_t symbols_size = join->symbols->count * sizeof(Elf64_Sym), symbols_offset = align_up(contents_end, 8);
    uint64_t names_offset = symbols_offset + symbols_size;
    uint64_t headers_offset = align_up(names_offset + join->names->count, 8);
    size_t size = headers_offset + n_sections * sizeof(Elf64_Shdr);
    arena_kind(arena, "joined object");
    char *result = arena_push_zero(arena, size);

    Elf64_Ehdr *header = (void *)result;
    memcpy(header, join->units[0].bytes, sizeof *header); /* machine, class, version */
    header->e_shoff = headers_offset;
    header->e_shnum = (uint16_t)n_sections;
    header->e_shstrndx = (uint16_t)(symbols_index + 1);
    for (uint32_t i = 0; i < join->n_units; i++) { /* names have been copied: the unit is not needed any more */
        copy_unit(join, &join->units[i], result);
        code_buffer_dispose(&objects[i]);
    }
    memcpy(result + symbols_offset, join->symbols->items, symbols_size);
    memcpy(result + names_offset, join->names->items, join->names->count);
    Elf64_Shdr *headers = (void *)(result + headers_offset);
    write_section_headers(join, headers, symbols_index);
    headers[symbols_index] = (Elf64_Shdr){
        .sh_name = symbols_name, .sh_type = SHT_SYMTAB, .sh_offset = symbols_offset, .sh_size = symbols_size,
        .sh_link = symbols_index + 1, .sh_info = n_locals, .sh_addralign = 8, .sh_entsize = sizeof(Elf64_Sym)};
    headers[symbols_index + 1] = (Elf64_Shdr){
        .sh_name = names_name, .sh_type = SHT_STRTAB, .sh_offset = names_offset, .sh_size = join->names->count,
        .sh_addralign = 1};
    return (CodeBuffer){result, size, NULL};
}

CodeBuffer join_objects(Arena *arena, Arena *scratch, CodeBuffer *objects, uint32_t n)
{
    Join join = {.scratch = scratch, .n_units = n};
    join.units = arena_push_zero(scratch, n * sizeof(Unit));
    join.sections = arena_array(scratch, "joined section", sizeof(Section));
    join.globals = arena_array(scratch, "joined global", sizeof(Global));
    join.names = arena_array(scratch, "joined names", 1);
    join.locals = arena_array(scratch, "joined local", sizeof(Elf64_Sym));
    join.symbols = arena_array(scratch, "joined symbol", sizeof(Elf64_Sym));
    add_name(&join, "");
    for (uint32_t i = 0; i < n; i++) {
        open_unit(&join, &join.units[i], objects[i].bytes);
        place_sections(&join, &join.units[i]);
        collect_symbols(&join, &join.units[i], i == 0);
    }
    return write_object(&join, arena, objects);
}
