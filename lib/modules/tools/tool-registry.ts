import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {type Check, checkOfSchema} from '../json-schema.js';

/** What runs a tool. It may be cancelled through the signal. */
export type RunTool = (params: Sendable, signal: AbortSignal) => Promise<readonly Sendable[]>;

interface Tool {
  readonly name: string;
  readonly schema: Sendable;
  readonly kind: 'lua' | 'host';
  readonly check: Check;
  readonly run: RunTool;
  release(): void;
}

/** The tools of one runtime, by name. */
export class ToolRegistry {
  readonly #tools = new Map<string, Tool>();

  /** A function of a program. The same name again replaces the tool. */
  registerLua(name: string, schema: Sendable, fn: LuaFunction): void {
    this.#add(
      name,
      schema,
      'lua',
      (params, signal) => fn.start({args: [params], signal}).result,
      () => fn.release(),
    );
  }

  /** A function of the host. */
  registerHost(
    name: string,
    schema: Sendable,
    fn: (params: Sendable, signal: AbortSignal) => Sendable | Promise<Sendable>,
  ): void {
    this.#add(
      name,
      schema,
      'host',
      async (params, signal) => [await fn(params, signal)],
      () => {},
    );
  }

  find(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  /** In order of their names. */
  list(): readonly Sendable[] {
    const tools = [...this.#tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return tools.map(({name, schema, kind}) => ({name, schema, kind}));
  }

  clear(): void {
    for (const tool of this.#tools.values()) tool.release();
    this.#tools.clear();
  }

  #add(name: string, schema: Sendable, kind: Tool['kind'], run: RunTool, release: () => void): void {
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) {
      throw new TypeError(`a tool needs a name of letters, digits, '_', '-' and '.', got '${name}'`);
    }
    const check = checkOfSchema(schema, `the schema of tool '${name}'`);
    this.#tools.get(name)?.release();
    this.#tools.set(name, {name, schema, kind, check, run, release});
  }
}
