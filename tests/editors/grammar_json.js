/*
 * The grammar as data, which is what a generator of parsers reads: node grammar_json.js GRAMMAR_JS > grammar.json
 *
 * The functions that a grammar.js may use, as far as ours does.  Names of fields are left out: they came after the generator
 * that the test uses, and change nothing in what is parsed.
 */
'use strict';
const rule = (value) => {
  if (value === undefined) throw new Error('a token that is not in the table');
  if (typeof value === 'string') return { type: 'STRING', value };
  if (value instanceof RegExp) return { type: 'PATTERN', value: value.source };
  return value;
};
const members = (type) => (...values) => ({ type, members: values.map(rule) });
const wrapped = (type) => (value) => ({ type, content: rule(value) });
const valued = (type) => (value, content) =>
  content === undefined ? { type, value: 0, content: rule(value) } : { type, value, content: rule(content) };

Object.assign(globalThis, {
  seq: members('SEQ'),
  choice: members('CHOICE'),
  repeat: wrapped('REPEAT'),
  repeat1: wrapped('REPEAT1'),
  optional: (value) => ({ type: 'CHOICE', members: [rule(value), { type: 'BLANK' }] }),
  token: Object.assign(wrapped('TOKEN'), { immediate: wrapped('IMMEDIATE_TOKEN') }),
  prec: Object.assign(valued('PREC'), { left: valued('PREC_LEFT'), right: valued('PREC_RIGHT') }),
  field: (name, content) => rule(content),
  alias: (content, symbol) => ({ type: 'ALIAS', content: rule(content), named: true, value: symbol.name }),
  grammar(options) {
    const names = Object.keys(options.rules);
    const $ = new Proxy({}, {
      get(_, name) {
        if (!names.includes(name)) throw new Error(`no rule '${name}'`);
        return { type: 'SYMBOL', name };
      },
    });
    const rules = {};
    for (const name of names) rules[name] = rule(options.rules[name]($));
    return {
      name: options.name, word: options.word($).name, extras: options.extras($).map(rule), rules,
      conflicts: [], externals: [], inline: [],
    };
  },
});
process.stdout.write(JSON.stringify(require(require('path').resolve(process.argv[2]))));
