import {compilePattern, replaceAll} from '../regex/pattern.js';

/** Where something new goes: behind or before the last line that matches, else at the end or the beginning. */
export interface Place {
  /** A pattern, or `EOF`. */
  readonly insertafter?: string | undefined;
  /** A pattern, or `BOF`. */
  readonly insertbefore?: string | undefined;
}

/** A line that is to be there, or not. */
export interface LineEdit extends Place {
  readonly line?: string | undefined;
  readonly regexp?: string | undefined;
  readonly state: 'present' | 'absent';
}

/** Lines between two markers. */
export interface BlockEdit extends Place {
  readonly block: string;
  readonly begin: string;
  readonly end: string;
  readonly state: 'present' | 'absent';
}

/** What an edit did to a text, and to how many places. */
export interface Edited {
  readonly text: string;
  readonly count: number;
}

/**
 * Makes sure of a line. Present: the last line that matches `regexp` becomes it; without a match it is added, unless it is there. Absent:
 * every line that matches, or is this one, goes.
 */
export function editLine(text: string, edit: LineEdit): Edited {
  const {line, regexp, state} = edit;
  const lines = linesOf(text);
  const pattern = regexp === undefined ? undefined : compilePattern(regexp, '');
  const matches = (one: string): boolean => (pattern ? pattern.matcher(one).find() : one === line);
  if (state === 'absent') {
    const kept = lines.filter((one) => !matches(one));
    return {text: joined(kept, text), count: lines.length - kept.length};
  }
  if (line === undefined) throw new Error("option 'line' is missing: string expected");
  const at = pattern ? lines.findLastIndex(matches) : -1;
  if (at >= 0) {
    if (lines[at] === line) return {text, count: 0};
    lines[at] = line;
  } else {
    if (lines.includes(line)) return {text, count: 0};
    lines.splice(placeIn(lines, edit), 0, line);
  }
  return {text: joined(lines, text), count: 1};
}

/** Makes sure of a block between its markers, or that there is none. */
export function editBlock(text: string, edit: BlockEdit): Edited {
  const {begin, end, state} = edit;
  const lines = linesOf(text);
  const first = lines.indexOf(begin);
  const last = first < 0 ? -1 : lines.indexOf(end, first);
  if (first >= 0 && last < 0)
    throw new Error(`line ${first + 1}: the block begins, and ${JSON.stringify(end)} does not follow`);
  const wanted = state === 'absent' ? [] : [begin, ...linesOf(edit.block), end];
  if (first >= 0) {
    const there = lines.slice(first, last + 1);
    if (there.join('\n') === wanted.join('\n')) return {text, count: 0};
    lines.splice(first, there.length, ...wanted);
  } else {
    if (wanted.length === 0) return {text, count: 0};
    lines.splice(placeIn(lines, edit), 0, ...wanted);
  }
  return {text: joined(lines, text), count: 1};
}

/** Replaces what matches, in lines or over several. */
export function replaceIn(text: string, regexp: string, replacement: string): Edited {
  return replaceAll(compilePattern(regexp, 'm'), text, replacement);
}

function placeIn(lines: readonly string[], {insertafter, insertbefore}: Place): number {
  if (insertafter !== undefined && insertbefore !== undefined) {
    throw new Error("option 'insertbefore': not together with 'insertafter'");
  }
  if (insertbefore === 'BOF') return 0;
  const wanted = insertbefore ?? insertafter;
  if (wanted === undefined || wanted === 'EOF') return lines.length;
  const pattern = compilePattern(wanted, '');
  const at = lines.findLastIndex((line) => pattern.matcher(line).find());
  if (at < 0) return lines.length;
  return insertbefore === undefined ? at + 1 : at;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

// Lines end as the first one did, and the last one ends, too.
function joined(lines: readonly string[], before: string): string {
  const ending = /^[^\n]*\r\n/.test(before) ? '\r\n' : '\n';
  return lines.map((line) => line + ending).join('');
}
