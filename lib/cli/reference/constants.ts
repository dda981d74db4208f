import {declarations} from '../../modules/declarations.js';
import {isPlainObject} from '../../util/plain-object.js';

/** A field of a module that is no function. */
export interface ModuleConstant {
  /** As programs write it: `math.e`. */
  readonly spelling: string;
  readonly kind: 'table' | 'number' | 'string';
  /** As Lua shows it; of a table nothing. */
  readonly text: string;
}

/** The constants of a module, tables before what is in them. */
export function constantsOf(module: string): readonly ModuleConstant[] {
  const constants = declarations.find(({name}) => name === module)?.constants ?? {};
  return fieldsOf(module, constants);
}

function fieldsOf(at: string, fields: Readonly<Record<string, unknown>>): readonly ModuleConstant[] {
  return Object.entries(fields).flatMap(([name, value]): ModuleConstant[] => {
    const spelling = `${at}.${name}`;
    if (isPlainObject(value)) return [{spelling, kind: 'table', text: ''}, ...fieldsOf(spelling, value)];
    if (typeof value === 'number') return [{spelling, kind: 'number', text: value.toPrecision(14)}];
    return [{spelling, kind: 'string', text: JSON.stringify(value)}];
  });
}
