import {type Matcher, RE2JS, RE2JSException} from 're2js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import type {Implementations} from '../declaration.js';

const flagValues: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};
const mostCompiled = 200;

/** A match as programs get it. Places are in bytes, from 1. */
type Match = Readonly<Record<'text' | 'first' | 'last' | 'groups' | 'named', Sendable>>;

/** The functions of `regex`, with the patterns that this runtime compiled. */
export function create(): Implementations {
  const compiled = new Map<string, RE2JS>();
  const compile = (pattern: Sendable, flags: Sendable): RE2JS => {
    const key = `${flags === undefined ? '' : utf8('flags', flags)}/${utf8('pattern', pattern)}`;
    const known = compiled.get(key);
    if (known) return known;
    const made = compilePattern(utf8('pattern', pattern), flags === undefined ? '' : utf8('flags', flags));
    const [oldest] = compiled.keys();
    if (compiled.size >= mostCompiled && oldest !== undefined) compiled.delete(oldest);
    compiled.set(key, made);
    return made;
  };
  return {
    test: (text, pattern, flags) => compile(pattern, flags).matcher(utf8('text', text)).find(),
    match(text, pattern, flags) {
      const [first] = matchesOf(compile(pattern, flags), utf8('text', text), 1);
      return first;
    },
    find_all: (text, pattern, flags) => [...matchesOf(compile(pattern, flags), utf8('text', text), Infinity)],
    replace(given, pattern, replacement, flags) {
      const [text, re] = [utf8('text', given), compile(pattern, flags)];
      const parts = replacementParts(utf8('replacement', replacement), re);
      const matcher = re.matcher(text);
      let [replaced, at, count] = ['', 0, 0];
      while (matcher.find()) {
        replaced += text.slice(at, matcher.start());
        replaced += parts.map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? ''))).join('');
        at = matcher.end();
        count += 1;
      }
      return results(replaced + text.slice(at), count);
    },
    split(given, pattern, flags) {
      const text = utf8('text', given);
      const matcher = compile(pattern, flags).matcher(text);
      const parts: string[] = [];
      let at = 0;
      while (matcher.find()) {
        // Nothing lies between two characters: an empty match cuts there, but not at the ends.
        if (matcher.end() === matcher.start() && (matcher.start() === 0 || matcher.start() === text.length)) continue;
        parts.push(text.slice(at, matcher.start()));
        at = matcher.end();
      }
      return [...parts, text.slice(at)];
    },
    escape: (text) => RE2JS.quote(utf8('text', text)),
  };
}

function utf8(what: string, value: Sendable): string {
  if (value instanceof Uint8Array) throw new Error(`${what}: UTF-8 expected; Lua's patterns match other bytes`);
  return String(value);
}

function compilePattern(pattern: string, flags: string): RE2JS {
  let bits = 0;
  for (const flag of flags) {
    const bit = Object.hasOwn(flagValues, flag) ? flagValues[flag] : undefined;
    if (bit === undefined) throw new Error(`there is no flag '${flag}'; known: i, m, s`);
    bits |= bit;
  }
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), bits);
  } catch (error) {
    if (error instanceof RE2JSException) throw new Error(`no pattern: ${error.message}`);
    throw error;
  }
}

function* matchesOf(re: RE2JS, text: string, most: number): Generator<Match> {
  const matcher = re.matcher(text);
  let [at, bytes] = [0, 0];
  for (let count = 0; count < most && matcher.find(); count++) {
    bytes += Buffer.byteLength(text.slice(at, matcher.start()));
    at = matcher.start();
    yield matchAt(re, matcher, text.slice(matcher.start(), matcher.end()), bytes);
  }
}

function matchAt(re: RE2JS, matcher: Matcher, text: string, before: number): Match {
  const groups = Array.from({length: re.groupCount()}, (_, i) => matcher.group(i + 1) ?? false);
  const named = Object.entries(re.namedGroups()).map(([name, group]) => [name, groups[group - 1] ?? false]);
  return {text, first: before + 1, last: before + Buffer.byteLength(text), groups, named: Object.fromEntries(named)};
}

// Texts and, as numbers, groups.
function replacementParts(replacement: string, re: RE2JS): (string | number)[] {
  const names = re.namedGroups();
  const parts: (string | number)[] = [];
  let at = 0;
  for (const match of replacement.matchAll(/\$(?:(\$)|(\d+)|<(\w+)>)/g)) {
    const [whole, dollar, number, name] = match;
    parts.push(replacement.slice(at, match.index));
    at = match.index + whole.length;
    if (dollar !== undefined) {
      parts.push('$');
      continue;
    }
    const group = name === undefined ? Number(number) : Object.hasOwn(names, name) ? names[name] : undefined;
    if (group === undefined || group > re.groupCount())
      throw new Error(`replacement: the pattern has no group ${whole}`);
    parts.push(group);
  }
  return [...parts, replacement.slice(at)];
}
