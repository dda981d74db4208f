import type {Place} from '../problem.js';

/** What a condition asks of a task or stage. */
export const outcomeWords = ['success', 'failed', 'skipped', 'cancelled', 'timed_out'] as const;
/** How a task or stage ended, as conditions ask for it. */
export type OutcomeWord = (typeof outcomeWords)[number];

/** A value in a condition. */
export type Operand =
  | {readonly kind: 'literal'; readonly value: string | number | boolean | undefined}
  | {readonly kind: 'outcome'; readonly subject: string; readonly word: OutcomeWord}
  | {readonly kind: 'lookup'; readonly from: 'values' | 'params' | 'env'; readonly path: readonly string[]};

/** A parsed condition: `a.success && !b.failed`. Every consumer switches on `kind`. */
export type Expression =
  | Operand
  | {readonly kind: 'not'; readonly of: Expression}
  | {readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression}
  | {
      readonly kind: 'compare';
      readonly operator: '==' | '~=' | '<' | '<=' | '>' | '>=';
      readonly left: Expression;
      readonly right: Expression;
    };

/** An expression, the text it was read from, and where that stands. */
export interface Condition extends Place {
  readonly text: string;
  readonly expression: Expression;
}

/** The parts of an expression, itself first. */
export function* partsOf(expression: Expression): Generator<Expression> {
  yield expression;
  if (expression.kind === 'not') yield* partsOf(expression.of);
  if (expression.kind === 'and' || expression.kind === 'or' || expression.kind === 'compare') {
    yield* partsOf(expression.left);
    yield* partsOf(expression.right);
  }
}

/** The names of tasks and stages whose outcome a condition asks for. */
export function subjectsOf(expression: Expression): readonly string[] {
  const subjects = [...partsOf(expression)].flatMap((part) => (part.kind === 'outcome' ? [part.subject] : []));
  return [...new Set(subjects)];
}
