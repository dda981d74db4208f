import type {Prelude} from '../run-options.js';
import type {Sendable} from '../sendable.js';
import builders from './lua/builders.lua';
import callableNames from './lua/callable_names.lua';
import compat from './lua/compat.lua';
import describe from './lua/describe.lua';
import failure from './lua/failure.lua';
import imports from './lua/import.lua';
import loadstring from './lua/loadstring.lua';
import protocol from './lua/protocol.lua';
import refuseEffects from './lua/refuse_effects.lua';
import registry from './lua/registry.lua';
import running from './lua/running.lua';
import values from './lua/values.lua';

/** What the chunks call: functions of the host, and data. */
export type PreludeHost = Readonly<Record<string, Sendable>>;

/** Those that change Lua's libraries, or load what others wrote. All others store into nothing but what they made. */
const changesLua: ReadonlySet<string> = new Set(['effects', 'compat', 'loadstring', 'names']);

/**
 * The chunks that give a task file its globals.
 *
 * @param text the file's own source: what it does not use is left out where that costs something.
 * @param onlyDescribes effects of Lua's own libraries raise.
 */
export function taskPreludes(text: string, host: PreludeHost, onlyDescribes: boolean): Prelude[] {
  const sources = {
    ...(onlyDescribes && {effects: refuseEffects}),
    compat,
    ...(text.includes('loadstring') && {loadstring}),
    ...(/[.:]\s*name\s*\(/.test(text) && {names: callableNames}),
    registry,
    builders,
    import: imports,
    values,
    failure,
    protocol,
    running,
    describe,
  };
  return Object.entries(sources).map(([name, source]) => ({
    chunkName: `=[task ${name}]`,
    source,
    keepsToItself: !changesLua.has(name),
    ...((name === 'registry' || name === 'describe') && {args: [host]}),
  }));
}
