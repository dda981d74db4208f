import {didYouMean} from '../../util/did-you-mean.js';
import type {Place} from '../problem.js';
import {parseTemplate, placeholdersOf} from '../templates/parse-template.js';
import {safePlaces, shellPlacesOf} from '../templates/shell-places.js';
import type {Placeholder, Template} from '../templates/template.js';
import type {AnalysisContext} from './context.js';

/** Whose text it is, and what its placeholders may name. */
export interface TemplateOwner extends Place {
  /** `task 'a'`. */
  readonly subject: string;
  /** Names of its parameters. */
  readonly params: readonly string[];
  /** Names of the tasks it depends on. */
  readonly needs: readonly string[];
}

/** Reads a text with placeholders and checks what they name. */
export function checkedTemplate(context: AnalysisContext, text: string, owner: TemplateOwner): Template {
  const {template, problems} = parseTemplate(text);
  for (const problem of problems) context.problem(owner, `${owner.subject}: ${problem}`);
  for (const placeholder of placeholdersOf(template)) checkPlaceholder(context, placeholder, owner);
  return template;
}

/** As `checkedTemplate`, for a command line: each value must stand where it cannot become code. */
export function checkedCommand(context: AnalysisContext, text: string, owner: TemplateOwner): Template {
  const template = checkedTemplate(context, text, owner);
  for (const [{text: shown, raw, from}, place] of shellPlacesOf(template)) {
    if (raw && from === 'params') {
      context.warning(
        owner,
        `${owner.subject}: '${shown}' puts a parameter into the command line as text: it can run anything`,
      );
    } else if (!raw && !safePlaces.has(place)) {
      const cure = place === 'single quotes' ? 'use double quotes' : 'set a variable before, or pass it by env';
      context.problem(
        owner,
        `${owner.subject}: '${shown}' stands in ${article(place)}, where it cannot be filled in safely; ${cure}, or write '${shown.slice(0, -1)}|raw}' for its text`,
      );
    }
  }
  return template;
}

function article(place: string): string {
  return /quotes|backticks/.test(place) ? place : `a ${place}`;
}

function checkPlaceholder(context: AnalysisContext, {from, path, text}: Placeholder, owner: TemplateOwner): void {
  const [name = '', ...rest] = path;
  const missing = (what: string, candidates: Iterable<string>): void => {
    const guess = didYouMean(name, candidates);
    context.problem(owner, `${owner.subject}: '${text}': ${what}${guess ? ` (did you mean '${guess}'?)` : ''}`);
  };
  switch (from) {
    case 'params':
      if (!owner.params.includes(name))
        missing(`there is no parameter '${name}'; give it in params or with --param`, owner.params);
      break;
    case 'values':
      if (valueAt(context.options.values ?? {}, path) === undefined) {
        missing(
          `there is no value '${path.join('.')}'; give it with --set or --values`,
          Object.keys(context.options.values ?? {}),
        );
      }
      break;
    case 'deps': {
      const known = owner.needs.some((need) => `${path.join('.')}.`.startsWith(`${need}.`));
      if (!known)
        missing(`it does not depend on '${rest.length > 0 ? path.slice(0, -1).join('.') : name}'`, owner.needs);
      break;
    }
    default:
  }
}

/** What stands at a path in nested tables. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return value[Number(name) - 1];
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }, data);
}
