declare module '*.lua' {
  /** The file's text: the build puts it into the output, nothing is read at run time. */
  const text: string;
  export default text;
}
