/** Lua source travels as text: `import text from './lua/task.lua'`. */
declare module '*.lua' {
  const text: string;
  export default text;
}
