/*
 * Structural comparison of two values of one type.
 *
 * A list of a million cells, built by the program as a variant, is a million objects deep, so comparison keeps its own
 * stack.  A frame is a run of pairs still to be compared: the rest of a list, or the rest of a record's fields.  The last
 * pair of a run is taken off before it is entered, so that the chain through the last field of a cell, the usual shape
 * of a long list, needs no more than one frame.  The first frames lie on C's stack; deeper ones in collected memory.
 *
 * What is not deep is compared at once, without frames: scalars and strings, and lists of Int, Bool or Ptr by memcmp.
 * There is no short cut for two equal addresses, except where no Float64 can be below: nan differs from itself.
 */
#include "runtime/internal.h"

#include <string.h>

enum { FRAMES_AT_HAND = 64 };

typedef struct {
    const PoleType *element;    /* a list's elements: their type, next to each other; NULL: fields */
    const PoleTypePart *part;   /* fields: the next one */
    const char *a, *b;          /* the next elements, or the starts of the two records */
    int64_t n_left;
} Frame;

typedef struct {
    Frame *frames;
    int64_t n, capacity;
    Frame at_hand[FRAMES_AT_HAND];
} Stack;

static void push(Stack *stack, Frame frame)
{
    if (frame.n_left == 0) return;
    if (stack->n == stack->capacity) {
        Frame *larger = pole_allocate(stack->capacity * 2 * (int64_t)sizeof *larger);
        memcpy(larger, stack->frames, (size_t)stack->n * sizeof *larger);
        stack->frames = larger;
        stack->capacity *= 2;
    }
    stack->frames[stack->n++] = frame;
}

static void *load_pointer(const void *from)
{
    void *pointer;
    memcpy(&pointer, from, sizeof pointer);
    return pointer;
}

static int64_t load_int(const void *from)
{
    int64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static bool equal_floats(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y;
}

static bool push_lists(Stack *stack, const PoleType *element, const void *a, const void *b)
{
    PoleList x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    int64_t n = x.length_word >> POLE_LENGTH_SHIFT;
    if (n != y.length_word >> POLE_LENGTH_SHIFT) return false;
    if (n == 0 || element->kind == POLE_TYPE_UNIT) return true;
    if (element->kind == POLE_TYPE_INT || element->kind == POLE_TYPE_BOOL || element->kind == POLE_TYPE_POINTER)
        return x.elements == y.elements || memcmp(x.elements, y.elements, (size_t)(n * element->size)) == 0;
    push(stack, (Frame){element, NULL, x.elements, y.elements, n});
    return true;
}

static bool push_variants(Stack *stack, const PoleType *type, const char *a, const char *b)
{
    int64_t tag = load_int(a);
    if (tag != load_int(b)) return false;
    const PoleType *payload = type->parts[tag].type;
    push(stack, (Frame){NULL, payload->parts, a, b, payload->n_parts});
    return true;
}

/* Compares what can be compared at once and pushes the rest; false: the values differ. */
static bool compare(Stack *stack, const PoleType *type, const char *a, const char *b)
{
    while (type->kind == POLE_TYPE_BOXED) {
        a = load_pointer(a);
        b = load_pointer(b);
        type = type->parts[0].type;
    }
    switch ((PoleTypeKind)type->kind) {
    case POLE_TYPE_UNIT: return true;
    case POLE_TYPE_INT: return load_int(a) == load_int(b);
    case POLE_TYPE_FLOAT: return equal_floats(a, b);
    case POLE_TYPE_BOOL: return *a == *b;
    case POLE_TYPE_STRING: return pole_string_equal(load_pointer(a), load_pointer(b));
    case POLE_TYPE_POINTER: return load_pointer(a) == load_pointer(b);
    case POLE_TYPE_LIST: return push_lists(stack, type->parts[0].type, a, b);
    case POLE_TYPE_VARIANT: return push_variants(stack, type, a, b);
    case POLE_TYPE_RECORD: push(stack, (Frame){NULL, type->parts, a, b, type->n_parts}); return true;
    case POLE_TYPE_BOXED: break; /* the loop above has left it behind */
    }
    return true;
}

/* Takes the next pair off the uppermost frame, and the frame itself with its last pair. */
static bool compare_next(Stack *stack)
{
    Frame *frame = &stack->frames[stack->n - 1];
    Frame next = *frame;
    if (--frame->n_left == 0) stack->n--;
    if (next.part) {
        frame->part++;
        return compare(stack, next.part->type, next.a + next.part->offset, next.b + next.part->offset);
    }
    frame->a += next.element->size;
    frame->b += next.element->size;
    return compare(stack, next.element, next.a, next.b);
}

bool pole_equal(const PoleType *type, const void *a, const void *b)
{
    Stack stack;
    stack.frames = stack.at_hand;
    stack.n = 0;
    stack.capacity = FRAMES_AT_HAND;
    bool equal = compare(&stack, type, a, b);
    while (equal && stack.n > 0) equal = compare_next(&stack);
    return equal;
}
