import type {ModuleDeclaration} from '../declaration.js';

/** Regular expressions of RE2: whatever the pattern, the time grows with the text only. Texts and patterns are UTF-8; positions count bytes from 1. */
export const regex: ModuleDeclaration = {
  name: 'regex',
  functions: [
    {
      name: 'test',
      arguments: 'text: string, pattern: string, flags?: string',
      results: 'found: boolean',
      summary:
        'Tells whether a pattern occurs in a text. Flags, everywhere: `i` without regard to case, `m` lines have beginnings and ends, `s` a dot matches line ends.',
      errors: 'raises for a pattern or flags that are none',
      since: '1.0',
      pure: true,
      example: 'print(regex.test("Order 66", "^order \\\\d+$", "i")) --> true',
    },
    {
      name: 'match',
      arguments: 'text: string, pattern: string, flags?: string',
      results: 'match: {text: string, first: integer, last: integer, groups: (string | false)[], named: table} | nil',
      summary:
        'The first match: its text and place, its groups (`false` for one that took no part) and the named ones by name.',
      errors: 'raises for a pattern or flags that are none',
      since: '1.0',
      pure: true,
      example: 'print(regex.match("v1.20", "(?<major>\\\\d+)\\\\.(\\\\d+)").named.major) --> 1',
    },
    {
      name: 'find_all',
      arguments: 'text: string, pattern: string, flags?: string',
      results: 'matches: {text: string, first: integer, last: integer, groups: (string | false)[], named: table}[]',
      summary: 'All matches, as `match` gives one.',
      errors: 'raises for a pattern or flags that are none',
      since: '1.0',
      pure: true,
      example: 'print(#regex.find_all("a1b22", "\\\\d+")) --> 2',
    },
    {
      name: 'replace',
      arguments: 'text: string, pattern: string, replacement: string, flags?: string',
      results: 'text: string, count: integer',
      summary:
        'Replaces every match, and tells how many there were. `$1`, `$<name>` and `$0` stand for groups and the match, `$$` for a dollar.',
      errors: 'raises for a pattern or flags that are none, and a replacement that names no group',
      since: '1.0',
      pure: true,
      example: 'print(regex.replace("2026-12-01", "(\\\\d+)-(\\\\d+)-(\\\\d+)", "$3.$2.$1")) --> 01.12.2026 1',
    },
    {
      name: 'split',
      arguments: 'text: string, pattern: string, flags?: string',
      results: 'parts: string[]',
      summary: 'Cuts a text at each match.',
      errors: 'raises for a pattern or flags that are none',
      since: '1.0',
      pure: true,
      example: 'print(table.concat(regex.split("a, b;c", "[,;]\\\\s*"), "|")) --> a|b|c',
    },
    {
      name: 'escape',
      arguments: 'text: string',
      results: 'pattern: string',
      summary: 'A pattern that matches just this text.',
      since: '1.0',
      pure: true,
      example: 'print(regex.escape("a.b")) --> a\\.b',
    },
  ],
  load: () => import('./functions.js'),
};
