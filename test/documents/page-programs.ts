import {readFileSync} from 'node:fs';

export const root = new URL('../../', import.meta.url);

export const readText = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** A block of code in a page. */
export interface Program {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What it prints: the `text` block behind it. */
  readonly prints: string | undefined;
}

/** The blocks of code in a page that say which language they are in, `text` apart. */
export function programsIn(page: string, language?: string): Program[] {
  const fence = /^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?/gms;
  return [...readText(page).matchAll(fence)]
    .filter((found) => (language === undefined ? found[1] !== 'text' : found[1] === language))
    .map(({index, 1: word = '', 2: text = '', 3: prints}) => {
      const line = readText(page).slice(0, index).split('\n').length;
      return {page, line, language: word, text, prints};
    });
}
