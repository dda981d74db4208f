import {cp, mkdir, mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, isAbsolute, join, resolve} from 'node:path';
import type {Sendable} from '../../sendable.js';
import {fileBytes, folderBytes} from '../../util/folder-bytes.js';
import {isPlainObject} from '../../util/plain-object.js';
import {findFiles} from '../cache/find-files.js';
import type {PlannedTask} from '../plan.js';
import type {TaskFiles} from './disk-limit.js';

/** Files that one task hands on. */
interface Offer {
  readonly folder: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

/** Folders of a workflow, and files that its tasks hand on. */
export class Files implements TaskFiles {
  readonly #folder: string;
  readonly #workdirOf: (task: string) => string | undefined;
  readonly #made = new Set<string>();
  readonly #offers = new Map<string, Offer>();
  /** Files that were copied for those that consume them. */
  readonly #copies = new Set<string>();
  readonly #temporary = new Map<string, Promise<string>>();

  /**
   * @param folder where relative paths begin.
   * @param workdirOf where a task that an earlier part of the run had ended has run.
   */
  constructor(folder: string, workdirOf: (task: string) => string | undefined = () => undefined) {
    this.#folder = folder;
    this.#workdirOf = workdirOf;
  }

  /** A path of the task file. */
  absolute(path: string): string {
    return isAbsolute(path) ? path : resolve(this.#folder, path);
  }

  /** The folder of a task that names one, made if it is missing. */
  async makeWorkdir({workdir}: PlannedTask, path: string): Promise<void> {
    if (workdir === undefined) return;
    if ((await mkdir(path, {recursive: true})) !== undefined) this.#made.add(path);
  }

  /** Whether a workdir was not there before {@link Files.makeWorkdir} made it. */
  hasMade(path: string): boolean {
    return this.#made.has(path);
  }

  /** Copies what a task consumes into its workdir. @throws Error when nothing offers it. */
  async takeOver({consumes, dependsOn, after, name, streams}: PlannedTask, workdir: string): Promise<void> {
    for (const {task, pattern} of consumes) {
      if (task !== undefined && streams.includes(task)) continue;
      const from = task === undefined ? [...dependsOn, ...after] : [task];
      let found = 0;
      for (const other of from) found += await this.#copy(this.#offers.get(other), pattern, workdir);
      if (found > 0) continue;
      const what = pattern === undefined ? 'files' : `files like '${pattern}'`;
      throw new Error(`'${name}' consumes ${what}${task === undefined ? '' : ` of '${task}'`}, and there are none`);
    }
  }

  async #copy(offer: Offer | undefined, pattern: string | undefined, workdir: string): Promise<number> {
    if (!offer) return 0;
    const matching = pattern === undefined ? undefined : new Set(await findFiles(offer.folder, [pattern]));
    const files = matching ? offer.files.filter((file) => matching.has(file)) : offer.files;
    if (offer.folder === workdir) return files.length;
    for (const file of files) {
      const target = join(workdir, file);
      await mkdir(dirname(target), {recursive: true});
      await cp(join(offer.folder, file), target, {preserveTimestamps: true, recursive: true});
      this.#copies.add(target);
    }
    return files.length;
  }

  /**
   * Offers what a task's `artifacts` match, and the files its output names under `artifacts`.
   *
   * @throws Error when a glob matches nothing, or a named file is missing.
   */
  async offer({artifacts, name}: PlannedTask, workdir: string, output: Sendable): Promise<void> {
    const files = new Set<string>();
    for (const glob of artifacts) {
      const found = await findFiles(workdir, [glob]);
      if (found.length === 0) throw new Error(`no file of '${name}' matches its artifacts '${glob}'`);
      for (const file of found) files.add(file);
    }
    for (const file of namedFiles(output)) {
      const there = await stat(resolve(workdir, file)).then(
        () => true,
        () => false,
      );
      if (!there) throw new Error(`the artifact '${file}' that '${name}' names is not there`);
      files.add(file);
    }
    if (files.size > 0) this.#offers.set(name, {folder: workdir, files: [...files].sort()});
  }

  /** Offers again what a task offered that an earlier part of the run had ended. */
  async recall(task: PlannedTask, output: Sendable): Promise<void> {
    const workdir = this.#workdirOf(task.name);
    if (workdir !== undefined) await this.offer(task, workdir, output).catch(() => undefined);
  }

  /** A folder for one task, made when it is first asked for. */
  temporaryFolder(task: string): Promise<string> {
    const known = this.#temporary.get(task);
    if (known) return known;
    const made = mkdtemp(join(tmpdir(), 'sloth-'));
    this.#temporary.set(task, made);
    return made;
  }

  async artifactBytes(): Promise<number> {
    const offered = [...this.#offers.values()].flatMap(({folder, files}) => files.map((file) => resolve(folder, file)));
    let bytes = 0;
    for (const file of new Set([...offered, ...this.#copies])) bytes += await fileBytes(file);
    return bytes;
  }

  async temporaryBytes(): Promise<number> {
    let bytes = 0;
    for (const folder of this.#temporary.values()) bytes += await folderBytes(await folder);
    return bytes;
  }

  /** Removes temporary folders. */
  async cleanUp(): Promise<void> {
    for (const folder of this.#temporary.values()) await rm(await folder, {recursive: true, force: true});
    this.#temporary.clear();
  }
}

// `output.artifacts`: one path or a list.
function namedFiles(output: Sendable): readonly string[] {
  if (!isPlainObject(output)) return [];
  const {artifacts} = output;
  if (typeof artifacts === 'string') return [artifacts];
  return Array.isArray(artifacts) ? artifacts.filter((file): file is string => typeof file === 'string') : [];
}
