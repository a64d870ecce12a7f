/* Fannkuch: how many flips of a pile of pancakes, for every order of the pile.  Every flip makes a new short array. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct { int64_t *data; int64_t length; } List;
typedef struct { int64_t most, checksum; bool even; } Found;

static List new_list(int64_t length) { return (List){malloc(length * sizeof(int64_t)), length}; }

/* The first n elements in reverse, and the rest as it was. */
static List flip(int64_t n, List pile)
{
    List done = new_list(pile.length);
    for (int64_t i = 0; i < n; i++) done.data[i] = pile.data[n - 1 - i];
    for (int64_t i = n; i < pile.length; i++) done.data[i] = pile.data[i];
    return done;
}

static int64_t flips(List first)
{
    int64_t done = 0;
    for (List pile = first;; done++) {
        int64_t n = pile.data[0];
        List next = n == 1 ? pile : flip(n, pile);
        if (pile.data != first.data) free(pile.data);
        if (n == 1) return done;
        pile = next;
    }
}

/* The first n elements, moved around by one. */
static List rotate(int64_t n, List pile)
{
    List done = new_list(pile.length);
    for (int64_t i = 1; i < n; i++) done.data[i - 1] = pile.data[i];
    done.data[n - 1] = pile.data[0];
    for (int64_t i = n; i < pile.length; i++) done.data[i] = pile.data[i];
    return done;
}

static Found look(List pile, Found found)
{
    int64_t n = flips(pile);
    return (Found){n > found.most ? n : found.most, found.even ? found.checksum + n : found.checksum - n, !found.even};
}

/* All orders of the first n, in the order that the checksum asks for. */
static Found permute(int64_t n, List first, Found found)
{
    if (n == 1) return look(first, found);
    List pile = first;
    for (int64_t turns = n;; turns--) {
        found = permute(n - 1, pile, found);
        List next = turns == 1 ? pile : rotate(n, pile);
        if (pile.data != first.data) free(pile.data);
        if (turns == 1) return found;
        pile = next;
    }
}

int main(void)
{
    int64_t n = 9;
    List range = new_list(n);
    for (int64_t i = 0; i < n; i++) range.data[i] = i + 1;
    Found found = permute(n, range, (Found){0, 0, true});
    printf("%" PRId64 "\nPfannkuchen(%" PRId64 ") = %" PRId64 "\n", found.checksum, n, found.most);
    return 0;
}
