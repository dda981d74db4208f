import {unreachable} from '../../util/unreachable.js';
import type {Expression, OutcomeWord} from './condition.js';

/** Answers what a condition asks. */
export interface Facts {
  /** Whether a task or stage ended so. */
  outcome(subject: string, word: OutcomeWord): boolean;
  lookup(from: 'values' | 'params' | 'env', path: readonly string[]): unknown;
}

/** Evaluates a condition as Lua would: only nil and false are false. Two values of different types are never ordered. */
export function evaluate(expression: Expression, facts: Facts): boolean {
  return isTrue(valueIn(expression, facts));
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

function valueIn(expression: Expression, facts: Facts): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'outcome':
      return facts.outcome(expression.subject, expression.word);
    case 'lookup':
      return facts.lookup(expression.from, expression.path);
    case 'not':
      return !isTrue(valueIn(expression.of, facts));
    case 'and': {
      const left = valueIn(expression.left, facts);
      return isTrue(left) ? valueIn(expression.right, facts) : left;
    }
    case 'or': {
      const left = valueIn(expression.left, facts);
      return isTrue(left) ? left : valueIn(expression.right, facts);
    }
    case 'compare':
      return compare(expression.operator, valueIn(expression.left, facts), valueIn(expression.right, facts));
    default:
      return unreachable(expression);
  }
}

function compare(operator: '==' | '~=' | '<' | '<=' | '>' | '>=', left: unknown, right: unknown): boolean {
  const [a, b] = [left ?? undefined, right ?? undefined];
  if (operator === '==') return a === b;
  if (operator === '~=') return a !== b;
  const ordered = (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  if (!ordered) throw new TypeError(`cannot compare ${nameOf(a)} with ${nameOf(b)}`);
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return unreachable(operator);
  }
}

function nameOf(value: unknown): string {
  return value === undefined ? 'nil' : `a ${typeof value}`;
}
