import {type Matcher, RE2JS} from 're2js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import type {Implementations} from '../declaration.js';
import {compilePattern, replaceAll} from './pattern.js';

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
      const {text, count} = replaceAll(compile(pattern, flags), utf8('text', given), utf8('replacement', replacement));
      return results(text, count);
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
