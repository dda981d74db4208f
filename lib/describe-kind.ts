import {classNameOf} from './describe-thrown.js';

/** What an object is, for messages: `a Counter object`. */
export function describeKind(object: object): string {
  return `a JavaScript object (${classNameOf(object)})`;
}
