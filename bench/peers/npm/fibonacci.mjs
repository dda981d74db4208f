import fengari from 'fengari';
import {LuaFactory} from 'wasmoon';

const source = `
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
return fib(...)`;

/** What fib(30) takes Lua compiled to WebAssembly, in ms. */
export async function fibonacciInWasmoon() {
  const engine = await new LuaFactory().createEngine();
  try {
    const fib = await engine.doString(`return function(...) ${source} end`);
    fib(15);
    const startedAt = performance.now();
    fib(30);
    return performance.now() - startedAt;
  } finally {
    engine.global.close();
  }
}

/** What fib(30) takes Lua written in JavaScript, in ms: fib(24) takes that often fewer calls. */
export function fibonacciInFengari() {
  const {lauxlib, lua, lualib, to_luastring: text} = fengari;
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  const run = (n) => {
    lauxlib.luaL_loadstring(state, text(source));
    lua.lua_pushinteger(state, n);
    lua.lua_call(state, 1, 1);
    lua.lua_pop(state, 1);
  };
  run(15);
  const startedAt = performance.now();
  run(24);
  const callsOf = (n) => (n < 2 ? 1 : callsOf(n - 1) + callsOf(n - 2) + 1);
  return ((performance.now() - startedAt) * callsOf(30)) / callsOf(24);
}
