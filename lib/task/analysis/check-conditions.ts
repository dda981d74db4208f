import {didYouMean} from '../../util/did-you-mean.js';
import {type Condition, partsOf} from '../conditions/condition.js';
import {type ParsedCondition, parseCondition} from '../conditions/parse-condition.js';
import type {Place} from '../problem.js';
import {valueAt} from './check-templates.js';
import type {AnalysisContext} from './context.js';

/** Names that conditions of one workflow may use. */
export type Names = ReadonlySet<string>;

/** Reads a condition and checks the names in it. */
export function checkedCondition(
  context: AnalysisContext,
  text: string,
  place: Place,
  subject: string,
  names: Names,
): Condition {
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    context.problem(place, `${subject}: the condition ${JSON.stringify(text)}: ${parsed.message}`);
    return {text, expression: {kind: 'literal', value: false}, file: place.file, line: place.line};
  }
  for (const part of partsOf(parsed.expression)) {
    if (part.kind === 'outcome' && !names.has(part.subject)) {
      const guess = didYouMean(part.subject, names);
      const cure = guess ? ` (did you mean '${guess}'?)` : '';
      context.problem(
        place,
        `${subject}: the condition ${JSON.stringify(text)} names unknown task or stage '${part.subject}'${cure}`,
      );
    }
    if (
      part.kind === 'lookup' &&
      part.from === 'values' &&
      valueAt(context.options.values ?? {}, part.path) === undefined
    ) {
      context.warning(
        place,
        `${subject}: the condition ${JSON.stringify(text)}: there is no value '${part.path.join('.')}'; it counts as nil`,
      );
    }
  }
  return {text, expression: parsed.expression, file: place.file, line: place.line};
}

/** Whether the string of `run_if` and its like is a condition; else it is a command line. */
export function isCondition(text: string, names: Names): boolean {
  const parsed = parseCondition(text);
  if (parsed.ok) return true;
  return looksLikeCondition(parsed, text, names);
}

// A mistyped outcome of a known task: "build.sucess".
function looksLikeCondition(parsed: ParsedCondition, text: string, names: Names): boolean {
  if (parsed.ok || !parsed.message.startsWith('unknown outcome')) return false;
  const subject = /^unknown outcome '[^']*' of '([^']*)'/.exec(parsed.message)?.[1] ?? '';
  return names.has(subject) && !/[;|$]/.test(text.replaceAll('||', ''));
}
