import type {LuaReferenceEntry} from '../lua-reference.js';
import {didYouMean} from '../util/did-you-mean.js';
import {exitCode} from './exit-code.js';
import {paletteFor} from './palette.js';
import {allFunctions} from './reference/all-functions.js';
import {catalogue, isMethod, pageOf, type ReferencePage, spellingOf} from './reference/catalogue.js';
import {renderFunction, renderPage, renderPages} from './reference/render-text.js';

/** The flags of `docs`. */
export interface DocsFlags {
  readonly json: boolean;
}

/** Prints what is known about a module, a function or a method, or all modules; returns the exit code. */
export function docsCommand(name: string | undefined, {json}: DocsFlags): number {
  const entries = allFunctions();
  const pages = catalogue(entries);
  const palette = paletteFor(process.stdout);
  const page = pages.find((candidate) => candidate.name === name);
  const found = name === undefined ? entries : page ? [...page.functions, ...page.methods] : named(entries, name);
  if (found.length === 0) {
    process.stderr.write(`${unknownName(pages, entries, name ?? '')}\n`);
    return exitCode.usage;
  }
  if (json) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
  else if (name === undefined) process.stdout.write(renderPages(pages, palette));
  else if (page) process.stdout.write(renderPage(page, palette));
  else process.stdout.write(found.map((entry) => renderFunction(entry, palette)).join('\n'));
  return exitCode.ok;
}

// `mutex.lock` means the method as well; where there are both, both are shown.
function named(entries: readonly LuaReferenceEntry[], name: string): readonly LuaReferenceEntry[] {
  const spelling = name.replace(/^_G\./, '').replace('.method.', ':');
  const dotted = (entry: LuaReferenceEntry) => spellingOf(entry).replace(':', '.');
  return entries.filter((entry) => spellingOf(entry) === spelling || dotted(entry) === spelling);
}

function unknownName(pages: readonly ReferencePage[], entries: readonly LuaReferenceEntry[], name: string): string {
  const elsewhere = entries.filter((entry) => entry.name === name).map(spellingOf);
  const [first] = elsewhere;
  if (first) return `error: no module or global is called ${name}. Did you mean ${elsewhere.join(' or ')}?`;
  const names = [...pages.map((page) => page.name), ...entries.flatMap(spellings)];
  const meant = didYouMean(name, names);
  const hint = meant ? ` Did you mean ${meant}?` : ' sloth-runner docs lists the modules.';
  return `error: nothing is called ${name}.${hint}`;
}

// With the dot first: it is what people type.
function spellings(entry: LuaReferenceEntry): readonly string[] {
  const spelling = spellingOf(entry);
  return isMethod(entry) ? [`${pageOf(entry)}.${entry.name}`, spelling] : [spelling];
}
