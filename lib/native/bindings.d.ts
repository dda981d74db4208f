declare module 'bindings' {
  /** Finds a locally built addon; with `path: true` it answers with its path and loads nothing. */
  export default function bindings(options: {bindings: string; module_root: string; path: true}): string;
}
