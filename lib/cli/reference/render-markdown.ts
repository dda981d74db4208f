import type {LuaReferenceEntry} from '../../lua-reference.js';
import {isOurFunction, isOurs, manualLink, type ReferencePage, spellingOf} from './catalogue.js';
import {constantsOf} from './constants.js';
import {callForms, factsOf} from './facts.js';

const generated = '<!-- Made from the registry of Lua functions by `npm run reference`. -->';

/** One page of the reference in Markdown. */
export function renderMarkdown(page: ReferencePage): string {
  const own = [...page.functions, ...page.methods].filter(isOurFunction);
  const luas = [...page.functions, ...page.methods].filter((entry) => !isOurFunction(entry));
  const parts = [
    `# ${page.name}`,
    generated,
    ...constantsTable(page),
    ...own.map(section),
    ...(luas.length > 0 ? [luaTable(luas)] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function constantsTable({name}: ReferencePage): readonly string[] {
  const rows = constantsOf(name).filter(({kind}) => kind !== 'table');
  if (rows.length === 0) return [];
  const lines = rows.map(({spelling, text}) => `| \`${spelling}\` | \`${text}\` |`);
  return [['| constant | value |', '|---|---|', ...lines].join('\n')];
}

/** The page that lists the others. */
export function renderIndex(pages: readonly ReferencePage[]): string {
  const line = (page: ReferencePage) => `- [${page.name}](${page.name}.md): ${linksOf(page).join(', ')}`;
  const parts = [
    '# Reference',
    generated,
    'Every function that Lua programs can call. `sloth-runner docs NAME` shows the same on a terminal.',
    '*May switch* says whether other goroutines of the same island may run during the call; what that means is in\n' +
      '[What is copied and what is shared](../memory-model.md).',
    pages.filter(isOurs).map(line).join('\n'),
    "Lua's own libraries, which Lua's manual describes:",
    pages
      .filter((page) => !isOurs(page))
      .map(line)
      .join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function linksOf({functions, methods}: ReferencePage): readonly string[] {
  return [...functions, ...methods].map((entry) => `\`${spellingOf(entry)}\``);
}

function section(entry: LuaReferenceEntry): string {
  const facts = factsOf(entry).map(([word, text]) => `| ${word} | ${asCode(word, text)} |`);
  return [
    `## ${spellingOf(entry)}`,
    ['```lua', ...callForms(entry), '```'].join('\n'),
    entry.summary,
    ['| | |', '|---|---|', ...facts].join('\n'),
    ...(entry.example ? [['```lua', entry.example, '```'].join('\n')] : []),
  ].join('\n\n');
}

function luaTable(entries: readonly LuaReferenceEntry[]): string {
  const row = (entry: LuaReferenceEntry) =>
    `| [\`${spellingOf(entry)}\`](${manualLink(entry)}) | ${entry.maySwitch} | ${inCell(entry.errors)} |`;
  return [
    "Lua's own functions, as Lua's manual describes them:",
    ['| function | may switch | here |', '|---|---|---|', ...entries.map(row)].join('\n'),
  ].join('\n\n');
}

function asCode(word: string, text: string): string {
  return word === 'arguments' || word === 'returns' ? `\`${inCell(text)}\`` : inCell(text);
}

// GitHub's tables take a bar in code only behind a backslash.
function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
