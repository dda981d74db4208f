import type {LuaReferenceEntry} from '../../lua-reference.js';

/** A page of the reference: a library table, a kind of handle, or both where they have one name. */
export interface ReferencePage {
  /** `channel`, `mutex`; the globals are `globals`. */
  readonly name: string;
  /** What programs call as `channel.make(...)`, in the registry's order. */
  readonly functions: readonly LuaReferenceEntry[];
  /** What programs call as `ch:send(...)`. */
  readonly methods: readonly LuaReferenceEntry[];
}

const methodsSuffix = '.method';

/** All pages: first those with functions of the runtime's own, then Lua's libraries, each in alphabetical order. */
export function catalogue(entries: readonly LuaReferenceEntry[]): readonly ReferencePage[] {
  const pages = new Map<string, {functions: LuaReferenceEntry[]; methods: LuaReferenceEntry[]}>();
  for (const entry of entries) {
    const name = pageOf(entry);
    const page = pages.get(name) ?? {functions: [], methods: []};
    pages.set(name, page);
    (isMethod(entry) ? page.methods : page.functions).push(entry);
  }
  return [...pages]
    .map(([name, {functions, methods}]): ReferencePage => ({name, functions, methods}))
    .sort((a, b) => Number(isOurs(b)) - Number(isOurs(a)) || (a.name < b.name ? -1 : 1));
}

/** Whether the runtime adds functions of its own to it. */
export function isOurs({functions, methods}: ReferencePage): boolean {
  return [...functions, ...methods].some(isOurFunction);
}

/** Whether the function is the runtime's own, not one that Lua's manual describes. */
export function isOurFunction({since}: LuaReferenceEntry): boolean {
  return since !== '';
}

/** Whether it is called on a handle: `mutex:lock()`. */
export function isMethod({module}: LuaReferenceEntry): boolean {
  return module.endsWith(methodsSuffix);
}

/** The name of the page it is on. */
export function pageOf(entry: LuaReferenceEntry): string {
  if (entry.module === '_G') return 'globals';
  return isMethod(entry) ? entry.module.slice(0, -methodsSuffix.length) : entry.module;
}

/** How programs write the function: `channel.make`, `mutex:lock`, `defer`. */
export function spellingOf(entry: LuaReferenceEntry): string {
  if (entry.module === '_G') return entry.name;
  return `${pageOf(entry)}${isMethod(entry) ? ':' : '.'}${entry.name}`;
}

/** Where Lua's manual describes one of its own functions; undefined for ours. */
export function manualLink(entry: LuaReferenceEntry): string | undefined {
  return isOurFunction(entry) ? undefined : `https://www.lua.org/manual/5.4/manual.html#pdf-${spellingOf(entry)}`;
}
