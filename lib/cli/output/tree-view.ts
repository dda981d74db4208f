import {type DefaultRenderer, Listr, type SimpleRenderer} from 'listr2';
import type {TaskEvent} from '../../task/events.js';
import type {TaskResult} from '../../task/outcome.js';
import {formatDuration} from '../../util/format-duration.js';
import {unreachable} from '../../util/unreachable.js';
import type {Palette} from '../palette.js';
import {eventLines, taskLine, workflowLine} from './event-lines.js';
import {isEnd} from './grouped-view.js';
import type {OutputView, Stream, ViewStreams} from './output-view.js';
import {type RowEnd, TreeRow} from './tree-row.js';

/** Above this many tasks a workflow has one line for each of its stages. */
const mostRows = 30;
const refreshEveryMs = 1000;
/** Of what a task wrote, so much is kept for the case that it fails. */
const keptBytes = 64 * 1024;

type Tree = Listr<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** What is on the screen of one workflow. */
interface Screen {
  readonly rowOf: (task: string) => TreeRow | undefined;
  readonly rows: readonly TreeRow[];
  readonly drawn: Promise<unknown>;
  readonly timer: NodeJS.Timeout;
}

/**
 * A live tree for terminals: what runs and since when, with the last lines of its output; what a failed task wrote is shown
 * in full when the workflow has ended.
 */
export function treeView(streams: ViewStreams, palette: Palette, stagesOf: StagesOf): OutputView {
  const view = new TreeView(streams, palette, stagesOf);
  return {
    emit: (event) => view.emit(event),
    print: (stream, bytes) => view.print(stream, bytes),
    close: () => view.close(),
  };
}

/** The tasks of a workflow's stages, by the stage's name. */
export type StagesOf = (workflow: string) => ReadonlyMap<string, readonly string[]>;

class TreeView {
  readonly #streams: ViewStreams;
  readonly #palette: Palette;
  readonly #stagesOf: StagesOf;
  readonly #output = new Map<string, Uint8Array[]>();
  #screen: Screen | undefined;
  /** What cannot be shown while a tree is on the screen, in order. */
  #later: (() => void)[] = [];
  readonly #queue: TaskEvent[] = [];
  /** A tree takes a moment to end; events that come meanwhile wait for it. */
  #ending: Promise<void> | undefined;

  constructor(streams: ViewStreams, palette: Palette, stagesOf: StagesOf) {
    this.#streams = streams;
    this.#palette = palette;
    this.#stagesOf = stagesOf;
  }

  emit(event: TaskEvent): void {
    this.#queue.push(event);
    this.#drain();
  }

  print(stream: Stream, bytes: Uint8Array): void {
    const copy = Uint8Array.from(bytes);
    this.#outside(() => this.#streams[stream](copy));
  }

  async close(): Promise<void> {
    while (this.#ending) await this.#ending;
    for (const row of this.#screen?.rows ?? []) row.finish();
    await this.#endScreen();
  }

  #drain(): void {
    while (!this.#ending) {
      const event = this.#queue.shift();
      if (!event) return;
      const ending = this.#handle(event);
      this.#ending = ending?.then(() => {
        this.#ending = undefined;
        this.#drain();
      });
    }
  }

  #handle(event: TaskEvent): Promise<void> | undefined {
    if (isEnd(event)) {
      this.#screen?.rowOf(event.task)?.end(event.task, rowEnd(event.result));
      if (event.result.outcome.kind === 'failed') this.#tellFailure(event.workflow, event.result);
      else this.#output.delete(`${event.workflow}/${event.task}`);
      return undefined;
    }
    switch (event.kind) {
      case 'workflow.started':
        this.#say(event);
        this.#screen = this.#draw(event.workflow, event.tasks);
        return undefined;
      case 'workflow.completed':
      case 'workflow.failed':
        return this.#endScreen().then(() => this.#streams.stderr(`${workflowLine(event.result, this.#palette)}\n`));
      case 'task.started':
        this.#screen?.rowOf(event.task)?.start(event.task);
        return undefined;
      case 'task.retrying':
        this.#screen?.rowOf(event.task)?.write(`attempt ${event.attempt} failed: ${event.failure.message}`);
        return undefined;
      case 'task.output':
        this.#keep(`${event.workflow}/${event.task}`, event.bytes);
        this.#screen?.rowOf(event.task)?.write(new TextDecoder().decode(event.bytes));
        return undefined;
      case 'stage.started':
        return undefined;
      default:
        this.#say(event);
        return undefined;
    }
  }

  #draw(workflow: string, tasks: readonly string[]): Screen {
    const rows = this.#rowsOf(workflow, tasks);
    const distinct = [...new Set(rows.values())];
    const tree: Tree = new Listr(
      distinct.map((row) => row.listed),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: {collapseSkips: true, showErrorMessage: true, formatOutput: 'truncate'},
      },
    );
    const timer = setInterval(() => {
      for (const row of distinct) row.refresh();
    }, refreshEveryMs);
    timer.unref();
    return {rowOf: (task) => rows.get(task), rows: distinct, drawn: tree.run().catch(() => {}), timer};
  }

  #rowsOf(workflow: string, tasks: readonly string[]): ReadonlyMap<string, TreeRow> {
    if (tasks.length <= mostRows) return new Map(tasks.map((task) => [task, new TreeRow(task, 1, this.#palette)]));
    const rows = new Map<string, TreeRow>();
    const known = new Set(tasks);
    for (const [stage, members] of this.#stagesOf(workflow)) {
      const own = members.filter((task) => known.has(task) && !rows.has(task));
      if (own.length === 0) continue;
      const row = new TreeRow(stage === '' ? workflow : stage, own.length, this.#palette);
      for (const task of own) rows.set(task, row);
    }
    const others = tasks.filter((task) => !rows.has(task));
    const rest = new TreeRow('other tasks', others.length, this.#palette);
    for (const task of others) rows.set(task, rest);
    return rows;
  }

  async #endScreen(): Promise<void> {
    const screen = this.#screen;
    if (screen) {
      clearInterval(screen.timer);
      for (const row of screen.rows) row.finish();
      await screen.drawn;
      this.#screen = undefined;
    }
    for (const tell of this.#later.splice(0)) tell();
  }

  #say(event: TaskEvent): void {
    const lines = eventLines(event, this.#palette);
    if (lines !== undefined) this.#outside(() => this.#streams.stderr(`${lines}\n`));
  }

  #outside(tell: () => void): void {
    if (this.#screen) this.#later.push(tell);
    else tell();
  }

  #keep(key: string, bytes: Uint8Array): void {
    const pieces = this.#output.get(key) ?? [];
    this.#output.set(key, pieces);
    pieces.push(Uint8Array.from(bytes));
    let size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    while (size > keptBytes && pieces.length > 1) size -= pieces.shift()?.length ?? 0;
  }

  #tellFailure(workflow: string, result: TaskResult): void {
    const key = `${workflow}/${result.task}`;
    const output = Buffer.concat(this.#output.get(key) ?? []);
    this.#output.delete(key);
    this.#outside(() => {
      if (output.length > 0) this.#streams.stderr(`${this.#palette.quiet(`  ┌ ${result.task}`)}\n`);
      if (output.length > 0) this.#streams.stderr(output);
      if (output.length > 0 && output.at(-1) !== 0x0a) this.#streams.stderr('\n');
      this.#streams.stderr(`${taskLine(result, this.#palette)}\n`);
    });
  }
}

function rowEnd({outcome, durationMs}: TaskResult): RowEnd {
  const time = formatDuration(durationMs);
  switch (outcome.kind) {
    case 'succeeded': {
      const origin = {cache: 'from the cache', journal: 'finished before'};
      const text = outcome.from ? origin[outcome.from] : time;
      return {kind: 'good', text: outcome.message ? `${text}  ${outcome.message}` : text};
    }
    case 'failed':
      return {kind: 'bad', text: `${time}  ${outcome.failure.message.split('\n')[0] ?? ''}`};
    case 'skipped':
      return {kind: 'skipped', text: outcome.reason};
    case 'cancelled':
      return {kind: 'skipped', text: `cancelled: ${outcome.reason}`};
    default:
      return unreachable(outcome);
  }
}
