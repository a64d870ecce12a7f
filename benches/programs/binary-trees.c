/* Binary trees: many small values that live for different times.  Every node is a malloc, and is freed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Tree { struct Tree *left, *right; } Tree;

static Tree *node(Tree *left, Tree *right)
{
    Tree *tree = malloc(sizeof *tree);
    tree->left = left;
    tree->right = right;
    return tree;
}

static Tree *make(int64_t depth)
{
    if (depth == 0) return node(NULL, NULL);
    Tree *left = make(depth - 1);
    return node(left, make(depth - 1));
}

static int64_t nodes(const Tree *tree) { return tree ? 1 + nodes(tree->left) + nodes(tree->right) : 0; }

static void drop(Tree *tree)
{
    if (!tree) return;
    drop(tree->left);
    drop(tree->right);
    free(tree);
}

static int64_t count(int64_t depth)
{
    Tree *tree = make(depth);
    int64_t n = nodes(tree);
    drop(tree);
    return n;
}

int main(void)
{
    int64_t deepest = 16;
    printf("one tree of depth %" PRId64 ", %" PRId64 " nodes\n", deepest + 1, count(deepest + 1));
    Tree *long_lived = make(deepest);
    for (int64_t depth = 4; depth <= deepest; depth += 4) {
        int64_t times = (int64_t)1 << (deepest - depth + 4), sum = 0;
        for (int64_t i = 0; i < times; i++) sum += count(depth);
        printf("%6" PRId64 " trees of depth %2" PRId64 ", %" PRId64 " nodes\n", times, depth, sum);
    }
    printf("the tree that lived on has %" PRId64 " nodes\n", nodes(long_lived));
    drop(long_lived);
    return 0;
}
