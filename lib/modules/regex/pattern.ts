import {RE2JS, RE2JSException} from 're2js';

const flagValues: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/** A pattern, ready. @throws Error for one that is none, and for unknown flags. */
export function compilePattern(pattern: string, flags: string): RE2JS {
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

/** Replaces every match; `$1`, `$<name>` and `$0` stand for groups and the match. @throws Error for a group there is not. */
export function replaceAll(
  re: RE2JS,
  text: string,
  replacement: string,
): {readonly text: string; readonly count: number} {
  const parts = replacementParts(replacement, re);
  const matcher = re.matcher(text);
  let [replaced, at, count] = ['', 0, 0];
  while (matcher.find()) {
    replaced += text.slice(at, matcher.start());
    replaced += parts.map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? ''))).join('');
    at = matcher.end();
    count += 1;
  }
  return {text: replaced + text.slice(at), count};
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
