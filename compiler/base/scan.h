/*
 * Finding the end of a word or of a run of blanks.
 *
 * Where a word ends is what the processor can predict least in a source text, and a loop over its characters costs one
 * wrong prediction, some twenty cycles, for most words.  So sixteen bytes are classified at once and the end is
 * computed from the bit mask; there is a branch only for what is longer.  Both functions may read 15 bytes behind the
 * end of what they look at, which source text is padded for, and stop at its NUL.
 */
#ifndef POLEC_BASE_SCAN_H
#define POLEC_BASE_SCAN_H

#include <stdbool.h>

static inline bool is_line_end(unsigned char c)
{
    return c == '\n' || c == '\r';
}

static inline bool is_word_byte(unsigned char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10 || c == '_';
}

static inline bool is_blank_byte(unsigned char c)
{
    return c == ' ' || (unsigned char)(c - '\t') < 2 || c == '\r';
}

#if defined(__SSE2__)
#include <emmintrin.h>

/* Which bytes are one of the `n` from `low` on.  SSE2 compares signed, so the range is moved to start at -128. */
static inline __m128i bytes_in_range(__m128i bytes, char low, int n)
{
    __m128i moved = _mm_sub_epi8(bytes, _mm_set1_epi8((char)(low + 128)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(-128 + n)));
}

static inline const unsigned char *word_end(const unsigned char *at)
{
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i letters = bytes_in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
        __m128i digits = bytes_in_range(bytes, '0', 10);
        __m128i underscores = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
        __m128i word = _mm_or_si128(_mm_or_si128(letters, digits), underscores);
        unsigned others = ~(unsigned)_mm_movemask_epi8(word) & 0xFFFF;
        if (others != 0)
            return at + __builtin_ctz(others);
    }
}

static inline const unsigned char *blank_end(const unsigned char *at)
{
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i blanks = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))),
            _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'))));
        unsigned others = ~(unsigned)_mm_movemask_epi8(blanks) & 0xFFFF;
        if (others != 0)
            return at + __builtin_ctz(others);
    }
}

#else

static inline const unsigned char *word_end(const unsigned char *at)
{
    while (is_word_byte(*at))
        at++;
    return at;
}

static inline const unsigned char *blank_end(const unsigned char *at)
{
    while (is_blank_byte(*at))
        at++;
    return at;
}

#endif
#endif
