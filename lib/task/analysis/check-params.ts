import {didYouMean} from '../../util/did-you-mean.js';
import {partsOf} from '../conditions/condition.js';
import type {PlannedWorkflow} from '../plan.js';
import type {AnalysisContext} from './context.js';

/**
 * Each `--param` must be read by a task: declared in its `params`, named in a placeholder or condition, or mentioned in a
 * file.
 */
export function checkParams(context: AnalysisContext, workflows: readonly PlannedWorkflow[]): void {
  const given = Object.keys(context.options.params ?? {});
  if (given.length === 0) return;
  const declared = new Set(context.file.tasks.flatMap(({settings}) => Object.keys(settings.params ?? {})));
  const conditions = workflows.flatMap(({stages}) =>
    stages.flatMap(({condition}) => (condition ? [condition.condition] : [])),
  );
  for (const {expression} of conditions) {
    for (const part of partsOf(expression))
      if (part.kind === 'lookup' && part.from === 'params') declared.add(part.path[0] ?? '');
  }
  for (const name of given) {
    if (declared.has(name) || isMentioned(context, name)) continue;
    const guess = didYouMean(name, declared);
    const cure = guess ? ` (did you mean '${guess}'?)` : '';
    context.problem({file: '--param', line: 0}, `no task reads the parameter '${name}'${cure}`);
  }
}

function isMentioned(context: AnalysisContext, name: string): boolean {
  const escaped = name.replaceAll(/[^\w]/g, '\\$&');
  const mention = new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`);
  return [...(context.options.sources?.values() ?? [])].some((text) => mention.test(text));
}
