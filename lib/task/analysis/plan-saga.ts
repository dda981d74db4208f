import {didYouMean} from '../../util/did-you-mean.js';
import type {DefinedFunction} from '../defined-function.js';
import type {Saga} from '../plan.js';
import type {Place} from '../problem.js';
import type {AnalysisContext} from './context.js';

/** A saga as a stage or workflow says it. */
export interface SagaSource {
  readonly value:
    | {
        readonly participants?: readonly string[] | undefined;
        readonly coordinator?: string | undefined;
        readonly compensation?: Readonly<Record<string, DefinedFunction>> | undefined;
      }
    | undefined;
  /** The name of the stage or workflow. */
  readonly step: string;
  readonly subject: string;
  readonly place: Place;
}

/** Puts participants and their compensations together. */
export function planSaga(context: AnalysisContext, {value, step, subject, place}: SagaSource): Saga | undefined {
  if (value === undefined) return undefined;
  const {participants, coordinator, compensation = {}} = value;
  const names = participants ?? Object.keys(compensation);
  for (const name of Object.keys(compensation)) {
    if (names.includes(name)) continue;
    const guess = didYouMean(name, names);
    context.problem(
      place,
      `${subject}: 'saga.compensation.${name}': '${name}' is no participant${guess ? ` (did you mean '${guess}'?)` : ''}`,
    );
  }
  for (const name of names) {
    if (!compensation[name])
      context.warning(
        place,
        `${subject}: participant '${name}' of its saga has no compensation; nothing of it will be undone`,
      );
  }
  if (names.length === 0) context.problem(place, `${subject}: 'saga' needs participants with compensations`);
  return {
    name: coordinator ?? step,
    participants: names.map((name) => ({name, compensation: compensation[name]})),
    file: place.file,
    line: place.line,
  };
}
