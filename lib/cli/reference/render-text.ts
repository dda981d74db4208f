import type {LuaReferenceEntry} from '../../lua-reference.js';
import type {Palette} from '../palette.js';
import {isOurs, type ReferencePage, spellingOf} from './catalogue.js';
import {callForms, factsOf} from './facts.js';

/** One function, for a terminal. */
export function renderFunction(entry: LuaReferenceEntry, palette: Palette): string {
  const facts = factsOf(entry).map(([word, text]) => `  ${palette.quiet(word.padEnd(11))} ${text}`);
  const example = entry.example.split('\n').map((line) => `  ${line}`);
  const parts = [
    callForms(entry)
      .map((form) => palette.strong(form))
      .join('\n'),
    entry.summary || "One of Lua's own functions.",
    facts.join('\n'),
    ...(entry.example ? [example.join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A module with a line for each function. */
export function renderPage({functions, methods, name}: ReferencePage, palette: Palette): string {
  const entries = [...functions, ...methods];
  const width = Math.max(...entries.map((entry) => spellingOf(entry).length));
  const lines = entries.map((entry) => `  ${spellingOf(entry).padEnd(width)}  ${palette.quiet(shortly(entry))}`);
  return `${palette.strong(name)}\n\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** All modules, and how to go on. */
export function renderPages(pages: readonly ReferencePage[], palette: Palette): string {
  const width = Math.max(...pages.map(({name}) => name.length));
  const line = ({name, functions, methods}: ReferencePage) =>
    `  ${name.padEnd(width)}  ${palette.quiet(`${functions.length + methods.length} functions`)}`;
  const ours = pages.filter(isOurs).map(line);
  const luas = pages.filter((page) => !isOurs(page)).map(line);
  const more =
    'sloth-runner docs NAME tells more: a module (channel), a function (channel.make) or a method (mutex.lock).';
  return `${[palette.strong('modules'), ...ours, '', palette.strong("Lua's own"), ...luas].join('\n')}\n\n${more}\n`;
}

function shortly({summary}: LuaReferenceEntry): string {
  return summary === '' ? "see Lua's manual" : summary;
}
