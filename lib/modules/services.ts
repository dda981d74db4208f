import type {Workdir} from '../task/execution/task-host.js';
import {EventHub} from './event/event-hub.js';
import type {Permissions} from './permissions.js';

/** What `runner_config` says, as far as modules read it. */
export type RunnerConfig = Readonly<Record<string, unknown>>;

/** Where `utils.secret` finds what is not in the environment, and who is told what it hands out. */
export interface SecretSource {
  /** The secret of that name, if there is one. */
  find(name: string): string | undefined;
  /** Told before a program is given a secret: whoever shows what programs write hides it from then on. */
  given(secret: string, name: string): void;
}

/** What modules are given, beside their permissions. */
export interface ModuleSettings {
  /** Read each time it is needed. Default: `{}`. */
  readonly config?: (() => RunnerConfig) | undefined;
  /** The environment that scripts see. Default: that of the process, as it is when the modules are made. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where events go; for a host that has some of its own, or listens. Default: a hub of the modules' own. */
  readonly events?: EventHub | undefined;
  /** Secrets beside those in the environment. Default: none, and nobody is told. */
  readonly secrets?: SecretSource | undefined;
  /**
   * Whether handlers that are registered now stay when the run that registers them has ended, as those of a task file do that is
   * being read. Default: no.
   */
  readonly handlersStay?: (() => boolean) | undefined;
  /** The folder that code of a run works in, where it is not the current one. Default: it is. */
  readonly workdirOf?: ((runId: number) => Workdir | undefined) | undefined;
  /** The name under which `stack` keeps things. Default: `default`. */
  readonly stack?: string | undefined;
  /** Where `state` keeps its values: a file, or `:memory:`. Default: `.sloth/state.db` in the working directory. */
  readonly stateFile?: string | undefined;
  /** Which store it is. Default: SQLite where there is one, else the log. */
  readonly stateBackend?: 'log' | 'memory' | undefined;
}

/** What the code of one runtime's modules has in common. */
export interface ModuleServices {
  readonly permissions: Permissions;
  readonly config: () => RunnerConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: EventHub;
  readonly handlersStay: () => boolean;
  readonly secrets: SecretSource;
  readonly workdirOf: (runId: number) => Workdir | undefined;
  readonly stack: string;
  readonly stateFile: string;
  readonly stateBackend: string | undefined;
  /** Called when the runtime is closed. */
  onClose(release: () => void | Promise<void>): void;
  /** What several modules share, made by the first that asks. */
  shared<T>(name: string, make: () => T): T;
}

/** The services of one runtime, and what closes them. */
export class ServicesOfRuntime implements ModuleServices {
  readonly permissions: Permissions;
  readonly config: () => RunnerConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: EventHub;
  readonly handlersStay: () => boolean;
  readonly secrets: SecretSource;
  readonly workdirOf: (runId: number) => Workdir | undefined;
  readonly stack: string;
  readonly stateFile: string;
  readonly stateBackend: string | undefined;
  readonly #releases: (() => void | Promise<void>)[] = [];
  readonly #shared = new Map<string, unknown>();

  constructor(permissions: Permissions, settings: ModuleSettings) {
    const {
      config = () => ({}),
      env = {...process.env},
      events = new EventHub(),
      handlersStay = () => false,
      secrets = {find: () => undefined, given: () => {}},
      workdirOf = () => undefined,
      stack = 'default',
      stateFile = '.sloth/state.db',
      stateBackend,
    } = settings;
    this.permissions = permissions;
    this.config = config;
    this.env = env;
    this.events = events;
    this.handlersStay = handlersStay;
    this.secrets = secrets;
    this.workdirOf = workdirOf;
    this.stack = stack;
    this.stateFile = stateFile;
    this.stateBackend = stateBackend;
  }

  // Functions of their own, so that a module may take them apart from the services.
  readonly onClose = (release: () => void | Promise<void>): void => {
    this.#releases.push(release);
  };

  readonly shared = <T>(name: string, make: () => T): T => {
    if (!this.#shared.has(name)) this.#shared.set(name, make());
    return this.#shared.get(name) as T;
  };

  /** Lets go of everything, the newest first, even where that fails. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
