"""
What the tree-sitter grammar takes from the table of tokens: their spellings, and the queries by which editors colour them.

make_tree_sitter.py tokens TOKENS_DEF > tokens.js
make_tree_sitter.py highlights TOKENS_DEF > queries/highlights.scm
"""
import json
import re
import sys

form, table = sys.argv[1:]
tokens = [(kind, json.loads(f'"{text}"'), group) for kind, text, group in
          re.findall(r'^TOKEN\((\w+), "((?:[^"\\]|\\.)*)", (\w+)\)', open(table, encoding='utf-8').read(), re.M)]
spelled = {kind: text for kind, text, group in tokens if group in ('SYMBOL', 'KEYWORD', 'DECLARATION')}
labels = [text for _, text, group in tokens if group == 'DECLARATION']


def quoted(texts):
    return ' '.join(json.dumps(text) for text in texts)


if form == 'tokens':
    print('/* Made from compiler/lexer/tokens.def by make_tree_sitter.py. */')
    print('module.exports = ' + json.dumps({**spelled, 'LABELS': labels}, indent=2) + ';')
else:
    brackets, separators = '()[]{}', ',.:;'
    operators = [text for kind, text, group in tokens
                 if group == 'SYMBOL' and text not in [*brackets, *separators, '_', '@', '...'] or kind in ('AND', 'OR', 'NOT')]
    keywords = [text for kind, text, group in tokens
                if group in ('KEYWORD', 'DECLARATION') and text not in ('true', 'false', *operators)]
    print(f'''; Made from compiler/lexer/tokens.def by make_tree_sitter.py.
(comment) @comment
(string) @string
(escape) @string.escape
(integer) @number
(float) @number.float
(boolean) @boolean
(wildcard) @variable.builtin
[{quoted(keywords)}] @keyword
[{quoted([*operators, '==>'])}] @operator
[{quoted(brackets)}] @punctuation.bracket
[{quoted(separators)}] @punctuation.delimiter
(annotation "@" @attribute name: (identifier) @attribute)
(function name: (identifier) @function)
(extern name: (identifier) @function)
(signature_function name: (identifier) @function)
(parameter name: (identifier) @variable.parameter)
(call function: (identifier) @function.call)
(application function: (identifier) @function.call)
(type_declaration name: (identifier) @type.definition)
(type_parameters (identifier) @type)
(named_type name: (identifier) @type)
(constructor name: (identifier) @constructor)
(constructor_pattern name: (identifier) @constructor)
((identifier) @constructor (#match? @constructor "^[A-Z]"))
(field name: (identifier) @property)
(field_value name: (identifier) @property)
(field_pattern name: (identifier) @property)
(field_access name: (identifier) @property)''')
