"""
The TextMate grammar of Pole IR (Visual Studio Code, Sublime Text, TextMate, and what renders on the web), from the table of
tokens: a keyword or an operator that is added there is coloured.

make_textmate.py TOKENS_DEF > pole-ir.tmLanguage.json
"""
import json
import re
import sys

tokens = [(kind, json.loads(f'"{text}"'), group) for kind, text, group in
          re.findall(r'^TOKEN\((\w+), "((?:[^"\\]|\\.)*)", (\w+)\)', open(sys.argv[1], encoding='utf-8').read(), re.M)]
WORDS_THAT_OPERATE = {'and', 'or', 'not'}
CONSTANTS = {'true', 'false'}


def words(*groups):
    return [text for _, text, group in tokens if group in groups and text not in WORDS_THAT_OPERATE | CONSTANTS]


def any_of(texts):
    return '(?:' + '|'.join(re.escape(text).replace(r'\ ', ' ') for text in sorted(texts, key=lambda text: (-len(text), text))) + ')'


symbols = [text for _, text, group in tokens if group == 'SYMBOL']
brackets = [text for text in symbols if text in '()[]{},.:;']
operators = [text for text in symbols if text not in brackets and text not in '_@'] + ['==>']

grammar = {
    'name': 'Pole IR', 'scopeName': 'source.pole-ir', 'fileTypes': ['pole-ir'],
    'patterns': [
        {'name': 'comment.line.double-slash.pole-ir', 'match': r'//.*$'},
        {'name': 'comment.block.pole-ir', 'begin': r'/\*', 'end': r'\*/'},
        {'name': 'string.quoted.double.pole-ir', 'begin': '"', 'end': '"|$', 'patterns': [
            {'name': 'constant.character.escape.pole-ir', 'match': r'\\[ntr\\"0]'},
            {'name': 'invalid.illegal.escape.pole-ir', 'match': r'\\.'}]},
        {'name': 'constant.numeric.float.pole-ir', 'match': r'\b[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?'},
        {'name': 'constant.numeric.integer.pole-ir', 'match': r'\b[0-9]+\b'},
        {'match': r'(@)\s*([A-Za-z_]\w*)', 'captures': {'1': {'name': 'punctuation.definition.annotation.pole-ir'},
                                                       '2': {'name': 'entity.name.function.annotation.pole-ir'}}},
        {'match': r'\b(func|extern)\s+([A-Za-z_]\w*)', 'captures': {'1': {'name': 'keyword.declaration.pole-ir'},
                                                                  '2': {'name': 'entity.name.function.pole-ir'}}},
        {'name': 'constant.language.pole-ir', 'match': r'\b' + any_of(CONSTANTS) + r'\b'},
        {'name': 'keyword.operator.word.pole-ir', 'match': r'\b' + any_of(WORDS_THAT_OPERATE) + r'\b'},
        {'name': 'keyword.control.pole-ir', 'match': r'\b' + any_of(words('KEYWORD')) + r'\b'},
        {'name': 'keyword.declaration.pole-ir', 'match': r'\b' + any_of(words('DECLARATION')) + r'\b'},
        {'name': 'entity.name.type.pole-ir', 'match': r'\b[A-Z]\w*\b'},
        {'name': 'variable.language.wildcard.pole-ir', 'match': r'\b_\b'},
        {'name': 'keyword.operator.pole-ir', 'match': any_of(operators)},
        {'name': 'punctuation.pole-ir', 'match': any_of(brackets)},
        {'name': 'variable.other.pole-ir', 'match': r'\b[a-z_]\w*\b'},
    ],
}
json.dump(grammar, sys.stdout, indent=2)
print()
