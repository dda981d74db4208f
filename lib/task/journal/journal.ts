import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {SlothError} from '../../errors.js';
import {GroupCommit} from './group-commit.js';
import {type Durability, type JournalStore, journalVersion} from './journal-record.js';
import {hasUnreadableRuns, openStores, type StoreChoice} from './open-stores.js';
import {type RunHistory, runHistory} from './run-history.js';
import {newRunId} from './run-id.js';
import {isLocked, lockRun} from './run-lock.js';
import {
  type DefinitionPrint,
  type EndState,
  type RunRecord,
  type RunRecordBody,
  type RunSettings,
  slotOf,
} from './run-records.js';
import type {SlothFolder} from './sloth-folder.js';
import {type StoredValue, withSecrets} from './stored-value.js';

/** How many ended runs are kept. */
const keptRuns = 100;

/** How a run stands, seen from outside. `interrupted`: it neither ended nor is any process working on it. */
export type RunState = EndState | 'running' | 'interrupted';

/** One line of a list of runs. */
export interface RunSummary {
  readonly id: string;
  readonly state: RunState | 'damaged';
  readonly settings: RunSettings | undefined;
  readonly startedAt: number;
  /** The time of its last record. */
  readonly lastAt: number;
}

/** What a run begins with. */
export interface RunBeginning {
  readonly settings: RunSettings;
  readonly definition: DefinitionPrint;
  readonly basedOn?: string | undefined;
  /** Hears, once, that nothing more can be written. */
  readonly onFailure: (error: unknown) => void;
}

/** The journals of the runs of one folder. */
export class Journal {
  readonly folder: SlothFolder;
  readonly #stores: readonly [JournalStore, ...JournalStore[]];

  private constructor(folder: SlothFolder, stores: readonly [JournalStore, ...JournalStore[]]) {
    this.folder = folder;
    this.#stores = stores;
  }

  /**
   * Opens the journals of a folder, which is made if it is not there.
   *
   * @throws SlothError `E_FILE` when it cannot be used, `E_VALUE` when the chosen store is not available.
   */
  static open(folder: SlothFolder, choice: StoreChoice = 'auto'): Journal {
    return new Journal(folder, openStores(folder.create(), choice));
  }

  /** Begins a new run and returns its writer. */
  async begin(beginning: RunBeginning): Promise<RunJournal> {
    const [store] = this.#stores;
    this.#forgetOld();
    for (;;) {
      const id = newRunId(new Date());
      if (store.ends(id)) continue;
      const release = lockRun(this.folder.locks, id);
      return this.#start(store, id, release, 'run.started', beginning);
    }
  }

  /**
   * Goes on with a run.
   *
   * @throws SlothError `E_FILE` when another process is working on it or it cannot be read.
   */
  async resume(id: string, beginning: RunBeginning): Promise<RunJournal> {
    const release = lockRun(this.folder.locks, id);
    const store = this.#storeOf(id) ?? this.#stores[0];
    await store.compact(id, slotOf);
    return this.#start(store, id, release, 'run.resumed', beginning);
  }

  /**
   * The run that an id, or the beginning or the end of one, means; without it the latest.
   *
   * @throws SlothError `E_VALUE` when there is none or more than one.
   */
  find(wanted?: string): string {
    const ids = this.#ids();
    const [latest] = ids;
    if (latest === undefined) throw new SlothError('E_VALUE', `there is no run in ${this.folder.path}${this.#hint()}`);
    if (wanted === undefined) return latest;
    const found = ids.filter((id) => id.startsWith(wanted) || id.endsWith(wanted));
    const [first] = found;
    if (first === undefined) {
      throw new SlothError('E_VALUE', `no run is called ${wanted}; the latest is ${latest}${this.#hint()}`);
    }
    if (found.length === 1 || first === wanted) return first;
    throw new SlothError('E_VALUE', `${wanted} can mean ${found.length} runs: ${found.slice(0, 5).join(', ')}`);
  }

  /**
   * All that is known of a run.
   *
   * @param find gives the secrets that tasks handed on, by their names; without it they are `***`.
   * @throws SlothError `E_FILE` when its journal is damaged, missing, or of a later version; what `find` throws.
   */
  read(id: string, find?: (name: string) => string): RunHistory {
    const kept = this.#storeOf(id)?.read(id) ?? [];
    const records = (
      find ? withSecrets(kept as unknown as readonly StoredValue[], find) : kept
    ) as readonly RunRecord[];
    const history = runHistory(id, records);
    if (!history) throw new SlothError('E_FILE', `the journal of run ${id} does not begin with its start`);
    for (const record of records) {
      if ('version' in record && record.version > journalVersion) {
        throw new SlothError('E_FILE', `run ${id} was written by a later sloth-runner; use that one`);
      }
    }
    return history;
  }

  /** How a run stands. */
  stateOf({id, ended}: RunHistory): RunState {
    return ended?.state ?? (isLocked(this.folder.locks, id) ? 'running' : 'interrupted');
  }

  /** The latest runs, newest first. */
  list(limit: number): readonly RunSummary[] {
    return this.#ids()
      .slice(0, limit)
      .map((id) => this.#summaryOf(id));
  }

  close(): void {
    for (const store of this.#stores) store.close();
  }

  async #start(
    store: JournalStore,
    id: string,
    release: () => void,
    kind: 'run.started' | 'run.resumed',
    {settings, definition, basedOn, onFailure}: RunBeginning,
  ): Promise<RunJournal> {
    const run = new RunJournal(id, new GroupCommit(store, id, onFailure), release);
    const about = {version: journalVersion, pid: process.pid, settings, definition};
    await run.add({kind, ...about, ...(basedOn !== undefined && {basedOn})}, 'disk');
    return run;
  }

  #ids(): readonly string[] {
    return [...new Set(this.#stores.flatMap((store) => store.runs()))].sort().reverse();
  }

  #storeOf(id: string): JournalStore | undefined {
    return this.#stores.find((store) => store.runs().includes(id));
  }

  #summaryOf(id: string): RunSummary {
    try {
      const ends = this.#storeOf(id)?.ends(id) as {first: RunRecord; last: RunRecord} | undefined;
      const {first, last} = ends ?? {};
      if (first?.kind !== 'run.started' || !last) throw new Error('no start');
      const open = isLocked(this.folder.locks, id) ? 'running' : 'interrupted';
      const state = last.kind === 'run.ended' ? last.state : open;
      return {id, state, settings: first.settings, startedAt: first.at, lastAt: last.at};
    } catch {
      return {id, state: 'damaged', settings: undefined, startedAt: 0, lastAt: 0};
    }
  }

  // What somebody has to look at stays.
  #forgetOld(): void {
    for (const id of this.#ids().slice(keptRuns - 1)) {
      const {state} = this.#summaryOf(id);
      if (state === 'running' || state === 'needs attention') continue;
      this.#storeOf(id)?.remove(id);
      rmSync(join(this.folder.logs, id), {recursive: true, force: true});
    }
  }

  #hint(): string {
    return hasUnreadableRuns(this.folder)
      ? '; older runs are in journal.db, which needs better-sqlite3 to be read'
      : '';
  }
}

/** Writes the journal of one run, which this process alone works on. */
export class RunJournal {
  readonly id: string;
  readonly #commits: GroupCommit;
  readonly #release: () => void;

  constructor(id: string, commits: GroupCommit, release: () => void) {
    this.id = id;
    this.#commits = commits;
    this.#release = release;
  }

  /** Writes down what happens now; resolves when it and all before it are as durable as asked. */
  add(record: RunRecordBody, durability?: Durability): Promise<void> {
    return this.#commits.add({...record, at: Date.now()}, durability);
  }

  /** Writes down the end, and lets others work on the run. */
  async end(state: EndState): Promise<void> {
    await this.add({kind: 'run.ended', state}, 'disk');
    this.#release();
  }

  /** Lets others work on the run, which has not ended. */
  async leave(): Promise<void> {
    await this.#commits.settled();
    this.#release();
  }
}
