import type {Sendable} from '../../sendable.js';
import {valueAt} from '../analysis/check-templates.js';
import {placeholdersOf} from '../templates/parse-template.js';
import {type ShellPlace, shellPlacesOf} from '../templates/shell-places.js';
import type {Placeholder, Template} from '../templates/template.js';

/** Where placeholders take their values from. */
export interface TemplateData {
  readonly params: Readonly<Record<string, Sendable>>;
  readonly values: Readonly<Record<string, Sendable>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Outputs as data, by task. */
  readonly deps: Readonly<Record<string, Sendable>>;
}

/** A placeholder without a value: a sentence says which. */
export class MissingValue extends Error {}

/** A text with its placeholders filled in. @throws MissingValue when there is no value for one. */
export function fillTemplate(template: Template, data: TemplateData): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : textOf(part, data))).join('');
}

/** A command line and the variables that its placeholders became. */
export interface FilledCommand {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A command line with its placeholders filled in: each value becomes an environment variable, and the placeholder the
 * variable's name in the quotes that its place needs. @throws MissingValue when there is no value for one.
 */
export function fillCommand(template: Template, data: TemplateData): FilledCommand {
  const places = placeholdersOf(template).length > 0 ? shellPlacesOf(template) : new Map<Placeholder, ShellPlace>();
  const env: Record<string, string> = {};
  let text = '';
  for (const part of template.parts) {
    if (typeof part === 'string') text += part;
    else if (part.raw) text += textOf(part, data);
    else {
      const name = `SLOTH_ARG_${Object.keys(env).length + 1}`;
      env[name] = textOf(part, data);
      // In braces, so that letters may follow.
      text += places.get(part) === 'double quotes' ? `\${${name}}` : `"\${${name}}"`;
    }
  }
  return {text, env};
}

/** Strings inside data with their placeholders filled in. */
export function fillData(value: Sendable, templateOf: (text: string) => Template, data: TemplateData): Sendable {
  if (typeof value === 'string') return value.includes('${') ? fillTemplate(templateOf(value), data) : value;
  if (Array.isArray(value)) return value.map((item: Sendable) => fillData(item, templateOf, data));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value as Record<string, Sendable>);
    return Object.fromEntries(entries.map(([key, item]) => [key, fillData(item, templateOf, data)]));
  }
  return value;
}

function textOf({from, path, text}: Placeholder, data: TemplateData): string {
  const value = from === 'deps' ? dependencyValue(data.deps, path) : valueAt(data[from], path);
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw new MissingValue(`'${text}' has no value${value === undefined || value === null ? '' : ' that is text'}`);
  }
}

// Names of tasks may have dots: the longest that fits is meant.
function dependencyValue(deps: Readonly<Record<string, Sendable>>, path: readonly string[]): unknown {
  for (let length = path.length; length > 0; length -= 1) {
    const name = path.slice(0, length).join('.');
    if (Object.hasOwn(deps, name)) return valueAt(deps[name], path.slice(length));
  }
  return undefined;
}
