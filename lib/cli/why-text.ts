import type {Change} from '../task/cache/ingredient.js';
import type {RunHistory, TaskHistory} from '../task/journal/run-history.js';
import type {Palette} from './palette.js';

/** Why a task ran in a run, or why it did not, with one line for each thing that changed. */
export function whyText(
  task: string,
  known: TaskHistory | undefined,
  {id, basedOn}: RunHistory,
  palette: Palette,
): string {
  const name = palette.strong(task);
  if (!known) return `${name} was not reached in run ${id}`;
  const {result, cache, attempts} = known;
  const outcome = result?.outcome;
  if (outcome?.kind === 'skipped' || outcome?.kind === 'cancelled') return `${name} did not run: ${outcome.reason}`;
  if (outcome?.kind === 'succeeded' && attempts.length === 0 && cache === undefined) {
    return `${name} did not run: its result was taken over from run ${basedOn ?? id}`;
  }
  if (!cache) return `${name} ran: it declares nothing by which a result could be kept (inputs, outputs, cache)`;
  if (cache.hit) return `${name} did not run: nothing that its result is made from has changed`;
  if (!cache.changes) return `${name} ran: no result of it had been kept`;
  if (cache.changes.length === 0) return `${name} ran: its kept result was too old, or gone from the cache`;
  return [
    `${name} ran, because of what changed:`,
    ...cache.changes.map((change) => `  ${changeText(change, palette)}`),
  ].join('\n');
}

const nouns: Readonly<Record<Change['kind'], string>> = {
  source: 'its code',
  command: 'its command',
  setting: 'setting',
  param: 'parameter',
  value: 'value',
  env: 'environment variable',
  input: 'input',
  dependency: 'what it got from',
  key: 'its cache key',
};

/** One thing that changed. */
export function changeText({what, kind, name, before, after}: Change, palette: Palette): string {
  const sign = {added: palette.good('+'), removed: palette.bad('-'), changed: palette.warn('~')}[what];
  const noun = kind === 'source' && name !== '' ? 'code in' : nouns[kind];
  const values =
    before !== undefined || after !== undefined
      ? palette.quiet(`  ${before ?? 'nothing'} → ${after ?? 'nothing'}`)
      : '';
  return `${sign} ${noun}${name === '' ? '' : ` ${name}`}${what === 'changed' ? '' : ` was ${what}`}${values}`;
}
