// Other Lua engines of npm, each with the functions `add`, `give` and `ask` of a chunk as functions of JavaScript.
import fengari from 'fengari';
import {LuaFactory} from 'wasmoon';

export async function callsOfWasmoon(source, hostAdd) {
  const engine = await new LuaFactory().createEngine();
  engine.global.set('host_add', hostAdd);
  await engine.doString(source);
  const [add, give, ask] = ['add', 'give', 'ask'].map((name) => engine.global.get(name));
  return {add, give, ask, close: () => engine.global.close()};
}

/** By its API, which is Lua's own: that is the least it can take. */
export function callsOfFengari(source, hostAdd) {
  const {lua, lauxlib, lualib, to_luastring: bytes} = fengari;
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  lua.lua_register(L, bytes('host_add'), () => {
    lua.lua_pushnumber(L, hostAdd(lua.lua_tonumber(L, 1), lua.lua_tonumber(L, 2)));
    return 1;
  });
  if (lauxlib.luaL_dostring(L, bytes(source))) throw new Error(lua.lua_tojsstring(L, -1));

  function call(name, args, read) {
    lua.lua_getglobal(L, name);
    for (const arg of args) lua.lua_pushinteger(L, arg);
    if (lua.lua_pcall(L, args.length, 1, 0)) throw new Error(lua.lua_tojsstring(L, -1));
    const result = read(-1);
    lua.lua_settop(L, 0);
    return result;
  }
  function readRecords() {
    const records = [];
    for (let i = 1; lua.lua_rawgeti(L, 1, i) === lua.LUA_TTABLE; i++) {
      const record = {};
      for (lua.lua_pushnil(L); lua.lua_next(L, 2); lua.lua_pop(L, 1)) {
        const isNumber = lua.lua_type(L, 4) === lua.LUA_TNUMBER;
        record[lua.lua_tojsstring(L, 3)] = isNumber ? lua.lua_tonumber(L, 4) : lua.lua_tojsstring(L, 4);
      }
      records.push(record);
      lua.lua_settop(L, 1);
    }
    return records;
  }
  const names = Object.fromEntries(['add', 'give', 'ask'].map((name) => [name, bytes(name)]));
  const number = (index) => lua.lua_tonumber(L, index);
  return {
    add: (a, b) => call(names.add, [a, b], number),
    give: () => call(names.give, [], readRecords),
    ask: (count) => call(names.ask, [count], number),
    close: () => lua.lua_close(L),
  };
}
