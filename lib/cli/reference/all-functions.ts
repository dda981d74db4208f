import {type LuaReferenceEntry, luaReference} from '../../lua-reference.js';
import {moduleReference} from '../../modules/module-reference.js';

/** Everything that programs can call in this runner: functions of the runtime, of its modules, and Lua's own. */
export function allFunctions(): readonly LuaReferenceEntry[] {
  return [...luaReference(), ...moduleReference()];
}
