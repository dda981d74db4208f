import type {Placeholder, PlaceholderSource, Template} from './template.js';

const pattern = /\$(?<escaped>\$?)\{(?<from>params|values|env|deps)\.(?<path>[^}|]+)(?<filter>\|[^}]*)?\}/g;

/** A template that was read, and what is wrong with it: one sentence for each wrong placeholder. */
export interface ParsedTemplate {
  readonly template: Template;
  readonly problems: readonly string[];
}

/**
 * Reads `${params.x} ${values.x} ${env.X} ${deps.task.key}` in a text; `$${` is a literal `${`, and `${HOME}` is left to
 * whoever reads the text.
 */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: (string | Placeholder)[] = [];
  const problems: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const {escaped = '', from = '', path = '', filter} = match.groups ?? {};
    const [whole] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (escaped !== '') {
      parts.push(whole.slice(1));
      continue;
    }
    const names = path.trim().split('.');
    if (names.some((name) => name === '')) problems.push(`'${whole}' names nothing`);
    if (filter !== undefined && filter !== '|raw') problems.push(`'${whole}': only '|raw' may follow a name`);
    const raw = filter === '|raw';
    parts.push({from: from as PlaceholderSource, path: names, raw, text: whole, offset: match.index});
  }
  parts.push(text.slice(end).replaceAll('$${', '${'));
  return {template: {text, parts: parts.filter((part) => part !== '')}, problems};
}

/** A text without placeholders. */
export function literalTemplate(text: string): Template {
  return {text, parts: [text]};
}

export function placeholdersOf({parts}: Template): readonly Placeholder[] {
  return parts.filter((part): part is Placeholder => typeof part !== 'string');
}
