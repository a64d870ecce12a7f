/* Private to the lexer: which files belong to a compilation. */
#ifndef POLEC_LEXER_IMPORTS_H
#define POLEC_LEXER_IMPORTS_H

#include "lexer/tokens.h"
#include "session.h"

typedef struct {
    Session *session;
    ArenaArray *files;      /* TokenFile; grows while imports are followed */
    ArenaArray *identities; /* FileIdentity of each of `files`; empty until the first import */
    ArenaArray *slots;      /* uint32_t: open addressing from identities to indices of `files`, plus one */
} Imports;

Imports imports_open(Arena *arena, Session *session, FileId first_file);

/* The same in an arena that has been rewound into the first file. */
Imports imports_reopen(Arena *arena, Session *session);

/* Loads what the tokens of files[file_index] import and adds every file that is new to `files`.  The names and long
   gaps of the file's tokens begin at the given indices. */
void imports_follow(Imports *imports, const Tokens *tokens, uint32_t file_index, uint32_t first_name,
                    uint32_t first_long_gap);

#endif
