/*
 * UTF-8 by the table of the Unicode standard (table 3-7, well-formed byte sequences): the first byte tells the length
 * and which second bytes are allowed; that alone excludes overlong forms, surrogates and everything above U+10FFFF.
 *
 * Source text is nearly all ASCII, so validation looks at 32 bytes at a time and leaves that path only for a byte
 * above 0x7F.
 */
#include "base/utf8.h"

#include <string.h>

#include "base/source.h"

/* How many bytes a well-formed character of two or more bytes has at `bytes`, or 0. */
static uint32_t multibyte_length(const unsigned char *bytes, size_t available)
{
    unsigned char first = bytes[0];
    uint32_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > available)
        return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (uint32_t i = 2; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

size_t utf8_valid_prefix(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < length) {
        while (length - at >= 32) {
            uint64_t words[4];
            memcpy(words, bytes + at, sizeof words);
            if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) != 0)
                break;
            at += 32;
        }
        while (at < length && bytes[at] < 0x80)
            at++;
        while (at < length && bytes[at] >= 0x80) {
            uint32_t n = multibyte_length(bytes + at, length - at);
            if (n == 0)
                return at;
            at += n;
        }
    }
    return length;
}

Utf8Character utf8_read(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80)
        return (Utf8Character){bytes[0], 1};
    uint32_t n = multibyte_length(bytes, length);
    if (n == 0)
        return (Utf8Character){UTF8_INVALID, 1};
    uint32_t code_point = bytes[0] & (0x7Fu >> n);
    for (uint32_t i = 1; i < n; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3Fu);
    return (Utf8Character){code_point, n};
}

/* Characters that would move the cursor, change colours or turn the direction of writing, and so could make a message
   show something other than what the source says. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x61C || c == 0xFEFF;
}

static void write_hexadecimal(char *out, uint32_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
    out[digits] = 0;
}

uint32_t utf8_show(Utf8Character character, const char *bytes, char shown[UTF8_SHOWN_SIZE])
{
    uint32_t c = character.code_point;
    bool valid = c != UTF8_INVALID;
    if (valid && !is_control(c)) {
        memcpy(shown, bytes, character.length);
        shown[character.length] = 0;
        return 1;
    }
    const char *letter = valid && c != 0 && c < 0x80 ? strchr("\nn\tt\rr", (int)c) : NULL;
    if (letter != NULL) {
        shown[0] = '\\';
        shown[1] = letter[1];
        shown[2] = 0;
    } else if (valid && c >= 0x80) {
        memcpy(shown, "\\u", 2);
        write_hexadecimal(shown + 2, c, 4);
    } else {
        memcpy(shown, "\\x", 2);
        write_hexadecimal(shown + 2, (unsigned char)bytes[0], 2);
    }
    return (uint32_t)strlen(shown);
}

size_t utf8_show_first(const char *text, size_t length, char shown[UTF8_SHOWN_SIZE])
{
    Utf8Character character = utf8_read(text, length);
    utf8_show(character, text, shown);
    return character.length;
}

void utf8_put(FILE *stream, const char *text)
{
    char shown[UTF8_SHOWN_SIZE];
    for (size_t n, left = strlen(text); left > 0; text += n, left -= n) {
        n = utf8_show_first(text, left, shown);
        fputs(shown, stream);
    }
}
