/** The Lua parts of modules travel as text: `import text from './exec.lua'`. */
declare module '*.lua' {
  const text: string;
  export default text;
}
