/*
 * The run-time library: what compiled programs call.  Linked into executables as libpolert.a, and into polec itself for
 * `polec run` and `polec test`.
 *
 * How values look in memory and in registers (codegen/layout.c is the other side of this contract):
 *
 *   Int, Nat     int64_t
 *   Float64      double
 *   Bool         one byte, 0 or 1
 *   String       pointer to the first byte; the length, an int64_t, stands in the 8 bytes before it; byte [length] is 0,
 *                so the same pointer is a C string.  Never null.  Literals are constants of the same form.
 *   Unit         nothing
 *   List<T>      two words: pointer to the elements and a *length word*, length * 4 + kind (PoleListKind).  The kind tells
 *                who knows whether there is room for one more element: the header before the elements, the footer
 *                behind them, or nobody.  A Cons(h, t) pattern makes t without copying: t's kind is h's list's | 1, for
 *                a tail has lost its header but not its footer.  [] is a null pointer with length word 1.
 *   HashMap      pointer to a PoleMap
 *   function     pointer to a closure object: word 0 the code's address, then (for two parameters or more) how many of
 *                them the first stage takes, then the captured values; the code takes the object as its first argument
 *   lazy cell    pointer to a heap object (layout private to the code generator)
 *   records ...  spread over the above; in memory one field after the other, each aligned to its size
 *
 * All values are immutable except maps and lazy cells, so they may be shared freely.  Memory: a conservative collector
 * (libgc); programs' own malloc is never touched.
 *
 * Every function that can fail takes `place`, a NUL-terminated "FILE:LINE:COLUMN".
 */
#ifndef POLEC_RUNTIME_RUNTIME_H
#define POLEC_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef const char *PoleString;
typedef struct { char *elements; int64_t length_word; } PoleList;

typedef enum {
    POLE_LIST_HEADED = 0, /* not empty, and a PoleListHeader before the elements */
    POLE_LIST_SLICE = 1,  /* nothing is known about what lies around the elements */
    POLE_LIST_FOOTED = 3, /* a PoleListFooter behind the last element */
} PoleListKind;
enum { POLE_LENGTH_SHIFT = 2 };

/* Of a buffer that grows at its end, so that all lists with its header start at the first place: the length word of the
   longest of them, and what it would be without room for more.  Only the longest may take the next place, if there is
   one, and note that it has: nobody else can see it.  A buffer without room is never written to, so constants may be
   lists. */
typedef struct { int64_t longest, full; } PoleListHeader;

/* Of a buffer that grows in front: its longest list, which like all others in it ends at the footer; and the end of the
   room.  A list that begins at `first` may take the place before it, unless it begins at `start`. */
typedef struct { char *first, *start; } PoleListFooter;

typedef struct PoleMap PoleMap;

/*
 * Describes a type for the operations that the code generator does not expand in line: deep comparison and default
 * values.  Constants in the object file.  A record or tuple is a sequence of fields at byte offsets; a variant that is
 * inline has its tag (int64_t) at offset 0 and each constructor's payload fields at their own offsets; a boxed variant
 * is a pointer to such an object.
 */
typedef enum {
    POLE_TYPE_UNIT, POLE_TYPE_INT, POLE_TYPE_FLOAT, POLE_TYPE_BOOL, POLE_TYPE_STRING, POLE_TYPE_POINTER,
    POLE_TYPE_LIST,     /* parts[0]: element */
    POLE_TYPE_RECORD,   /* parts: fields */
    POLE_TYPE_VARIANT,  /* parts: constructors, each a POLE_TYPE_RECORD whose offsets count from the variant's start */
    POLE_TYPE_BOXED,    /* parts[0]: what the pointer points to */
} PoleTypeKind;
typedef struct PoleType PoleType;
typedef struct { const PoleType *type; int64_t offset; } PoleTypePart;
struct PoleType { int64_t kind, size, n_parts; const PoleTypePart *parts; };

/* ---- memory ---- */
void *pole_allocate(int64_t size);       /* zeroed; may hold pointers; never NULL ("out of memory" stops the program) */
void *pole_allocate_plain(int64_t size); /* not zeroed; must never hold pointers */

/* ---- failures: "PLACE: runtime error: MESSAGE" on stderr after flushing stdout, then exit status 101 ---- */
_Noreturn void pole_fail(const char *place, const char *message);
_Noreturn void pole_fail_index(const char *place, int64_t index, int64_t length);
_Noreturn void pole_fail_negative(const char *place, int64_t value);

/* `polec test` wants to go on after a failure: when set, called (after the message) instead of exit; must not return. */
extern void (*pole_failure_hook)(void);

/* ---- who called whom; only programs built with -g keep it, and failures show it ---- */
typedef struct PoleFrame PoleFrame;
struct PoleFrame {
    PoleFrame *caller;
    const char *function; /* its name */
    const char *place;    /* of the call that it has made last */
};
void pole_enter(PoleFrame *frame); /* the frame lies on the stack of the function that begins */
void pole_leave(PoleFrame *frame);

/* From here on a stack overflow of the calling thread is such a failure, too; of unknown place, and without exit(). */
void pole_catch_overflow(void);

/* When set, called after the message of a stack overflow, by a signal handler; must not return, and not by longjmp. */
extern void (*pole_overflow_hook)(void);

/* ---- strings ---- */
void pole_print(PoleString text); /* the bytes and a newline, through C stdio */
bool pole_string_contains(PoleString text, PoleString needle);
int64_t pole_string_compare(PoleString a, PoleString b); /* bytewise: < 0, 0, > 0 */
bool pole_string_equal(PoleString a, PoleString b);
PoleString pole_string_from_c(const char *text);         /* copies; NULL gives "" */

/* ---- lists; element_size in bytes; plain: elements hold no pointers ---- */
void pole_list_new(PoleList *result, const void *elements, int64_t n, int64_t element_size, int64_t plain); /* copies */
void pole_list_set(PoleList *result, const char *elements, int64_t length_word, int64_t index, const void *element,
                   int64_t element_size, int64_t plain, const char *place);
void pole_list_concat(PoleList *result, const char *lists, int64_t length_word, int64_t element_size, int64_t plain);

/* What a list of one element more, kind POLE_LIST_HEADED or POLE_LIST_FOOTED, starts with.  Elements have a size. */
char *pole_list_push(const char *elements, int64_t length_word, const void *element, int64_t element_size, int64_t plain);
char *pole_list_cons(const void *element, const char *elements, int64_t length_word, int64_t element_size, int64_t plain);

/* For callers that expand those in line; for a list without room at its end, or in front: a new buffer with a copy of the elements and one more place taken, which
   the caller fills.  grow() returns the address of the elements, behind a header; the new place is behind the last of
   them.  grow_front() returns the address of the new place, with the copies and a footer behind it. */
char *pole_list_grow(const char *elements, int64_t length_word, int64_t element_size, int64_t plain);
char *pole_list_grow_front(const char *elements, int64_t length_word, int64_t element_size, int64_t plain);

/* The same as grow() for a caller who goes on pushing: there is room for `capacity` elements or more, and the header says
   that all of it is taken.  The caller takes it place by place, and has the header say the truth in the end. */
char *pole_list_reserve(const char *elements, int64_t length_word, int64_t element_size, int64_t plain, int64_t capacity);

/* ---- maps; keys are int64_t (Bool widened) or PoleString; values are value_size bytes ---- */
typedef enum {
    POLE_MAP_INT_KEYS,
    POLE_MAP_STRING_KEYS,
    POLE_MAP_OF_INTS, /* Int keys and Int values: what a program may use through a Ptr */
} PoleMapKind;
PoleMap *pole_map_new(int64_t capacity_hint, int64_t kind, int64_t value_size);
void pole_map_put(PoleMap *map, int64_t int_key, PoleString string_key, const void *value); /* the key of the map's kind counts */
const void *pole_map_find(const PoleMap *map, int64_t int_key, PoleString string_key); /* address of the value, or NULL */
int64_t pole_map_size(const PoleMap *map);

/* The map that a Ptr stands for, POLE_MAP_OF_INTS or, if `any_kind`, another one.  Null and other maps stop the program;
   the pointer to anything else is only as good as what it leads to: its first 8 bytes are read. */
PoleMap *pole_map_from_pointer(void *pointer, int64_t any_kind, const char *place);

/* ---- the rest ---- */
bool pole_equal(const PoleType *type, const void *a, const void *b); /* structural; no recursion without bound */
int64_t pole_float_to_int(double value, const char *place);
int64_t pole_divide(int64_t a, int64_t b, const char *place);    /* for callers that do not expand the checks in line */
int64_t pole_remainder(int64_t a, int64_t b, const char *place);

/* ---- helpers that programs bind with @extern (the language reference, "Builtin library") ---- */
int32_t pole_read_i32(void *p);
int32_t pole_read_i32_at(void *p, int off);
int64_t pole_read_i64(void *p);
int64_t pole_read_i64_at(void *p, int off);
void *pole_read_ptr(void *p);
void *pole_read_ptr_at(void *p, int off);
void pole_write_i32(void *p, int32_t v);
void pole_write_i32_at(void *p, int off, int32_t v);
void pole_write_i64(void *p, int64_t v);
void pole_write_i16_at(void *p, int off, int16_t v);
void pole_write_ptr(void *p, void *v);
char *pole_ptr_to_string(void *p);

#endif
