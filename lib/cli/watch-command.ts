import {type ChildProcess, spawn} from 'node:child_process';
import {dirname, relative, resolve} from 'node:path';
import {type FSWatcher, watch} from 'chokidar';
import {findFiles} from '../task/cache/find-files.js';
import type {Plan} from '../task/plan.js';
import {exitCode} from './exit-code.js';
import {paletteFor} from './palette.js';
import {withTaskFile} from './task-files/open-task-file.js';
import type {TaskFileFlags} from './task-files/task-flags.js';

/** Changes this close together make one run. */
const batchMs = 100;

/**
 * Runs a task file, and again whenever it, what it imports, or a file that its tasks declare as input changes. A run that is
 * going on is ended first. Resolves at Ctrl-C.
 *
 * @param args what `run` is given, the file included.
 */
export function watchCommand(path: string, flags: TaskFileFlags, args: readonly string[]): Promise<number> {
  return new Watch(path, flags, args).run();
}

class Watch {
  readonly #path: string;
  readonly #flags: TaskFileFlags;
  readonly #args: readonly string[];
  readonly #watcher: FSWatcher;
  #child: ChildProcess | undefined;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(path: string, flags: TaskFileFlags, args: readonly string[]) {
    this.#path = path;
    this.#flags = flags;
    this.#args = args;
    this.#watcher = watch([], {ignoreInitial: true, ignored: /[/\\]\.(?:sloth|git)(?:[/\\]|$)/});
  }

  async run(): Promise<number> {
    const ended = new Promise<void>((resolve) => {
      const stop = (): void => {
        this.#isOver = true;
        resolve();
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
    });
    this.#watcher.on('all', (_event, path) => this.#note(path));
    await this.#start();
    await ended;
    clearTimeout(this.#timer);
    await this.#watcher.close();
    await this.#stop();
    return exitCode.ok;
  }

  #note(path: string): void {
    this.#changed.add(relative(process.cwd(), path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(), batchMs);
  }

  async #again(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed = new Set();
    const more = changed.length > 3 ? ` and ${changed.length - 3} more` : '';
    this.#say(`${changed.slice(0, 3).join(', ')}${more} changed`);
    await this.#stop();
    if (!this.#isOver) await this.#start();
  }

  async #start(): Promise<void> {
    const watched = await this.#watched();
    this.#watcher.add([...watched]);
    const child = spawn(process.execPath, [process.argv[1] ?? '', 'run', ...this.#args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#child = child;
    child.once('close', (code) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#isOver) this.#say(`ended with ${code ?? 'a signal'}; waiting for changes (Ctrl-C ends)`);
    });
  }

  // A run ends at the first signal with its children, at the second at once.
  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await closed;
  }

  // Also folders of inputs, in which new files may appear. A file that is wrong is watched all the same.
  async #watched(): Promise<ReadonlySet<string>> {
    const found = new Set<string>([resolve(this.#path)]);
    await withTaskFile(this.#path, this.#flags, async ({file}) => {
      for (const source of file.sources.keys()) if (!source.startsWith('sloth:')) found.add(resolve(source));
      for (const path of await inputsOf(file.plan, dirname(resolve(this.#path)))) found.add(path);
      return exitCode.ok;
    });
    return found;
  }

  #say(text: string): void {
    process.stderr.write(`${paletteFor(process.stderr).quiet(`watch: ${text}`)}\n`);
  }
}

async function inputsOf({workflows}: Plan, folder: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const {tasks} of workflows) {
    for (const {cache, workdir} of tasks) {
      if (cache.inputs.length === 0) continue;
      const base = workdir && !workdir.text.includes('${') ? resolve(folder, workdir.text) : process.cwd();
      for (const path of await findFiles(base, cache.inputs)) {
        found.add(resolve(base, path));
        found.add(dirname(resolve(base, path)));
      }
    }
  }
  return [...found];
}
