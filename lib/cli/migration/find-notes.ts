import {type Note, noteGroups} from './notes.js';

/** A place where a program uses a name there is a note about. */
export interface Finding extends Note {
  readonly line: number;
}

const notes = new Map(noteGroups.flatMap((group) => group.notes.map((note) => [note.name, note])));
const longBracket = /^(?:--)?\[(=*)\[/;

/** What there is to know of a program of the older system, in the order of its lines. Nothing of it runs. */
export function findNotes(source: string): Finding[] {
  const code = withoutTexts(source);
  const findings: Finding[] = [];
  let [line, at] = [1, 0];
  for (const {name, index} of namesIn(code)) {
    const note = notes.get(name);
    if (!note) continue;
    for (; at < index; at++) if (code[at] === '\n') line += 1;
    findings.push({...note, line});
  }
  return findings;
}

// Names as notes have them, in order: `a.b`, `:b`, and globals that are called, or written as task "x" is.
function namesIn(code: string): {name: string; index: number}[] {
  const found: {name: string; index: number}[] = [];
  for (const {0: name, index} of code.matchAll(/[A-Za-z_]\w*/g)) {
    const before = /([A-Za-z_]\w*)?\s*([.:])\s*$/.exec(code.slice(Math.max(0, index - 200), index));
    const joint = before?.[2];
    const concatenates = joint === '.' && /\.\s*\.\s*$/.test(code.slice(Math.max(0, index - 200), index));
    if (joint !== undefined && !concatenates) {
      if (joint === ':') found.push({name: `:${name}`, index});
      else if (before?.[1] !== undefined) found.push({name: `${before[1]}.${name}`, index});
    } else if (/^\s*(?:[({"'[]|=[^=])/.test(code.slice(index + name.length, index + name.length + 40))) {
      found.push({name, index});
    }
  }
  return found;
}

// The same, with blanks where comments and what stands in strings was: places stay.
function withoutTexts(source: string): string {
  let [code, at] = ['', 0];
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  while (at < source.length) {
    const rest = source.slice(at, at + 64);
    const bracket = longBracket.exec(rest);
    let end: number;
    if (bracket) {
      const close = source.indexOf(`]${bracket[1]}]`, at + bracket[0].length);
      end = close < 0 ? source.length : close + 2 + (bracket[1]?.length ?? 0);
      code += blank(source.slice(at, end));
    } else if (rest.startsWith('--')) {
      const close = source.indexOf('\n', at);
      end = close < 0 ? source.length : close;
      code += blank(source.slice(at, end));
    } else if (rest[0] === '"' || rest[0] === "'") {
      end = endOfString(source, at);
      // The quote stays: task "x" is a call.
      code += rest[0] + blank(source.slice(at + 1, end));
    } else {
      end = at + 1;
      code += source[at];
    }
    at = end;
  }
  return code;
}

function endOfString(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i += 1;
    else if (source[i] === '\n') return i;
    else if (source[i] === source[at]) return i + 1;
  }
  return source.length;
}
