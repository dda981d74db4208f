import {stripVTControlCharacters} from 'node:util';
import type {DefaultRenderer, ListrTask, ListrTaskWrapper, SimpleRenderer} from 'listr2';
import {formatDuration} from '../../util/format-duration.js';
import type {Palette} from '../palette.js';

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** How many lines of what a task writes stand under it while it runs. */
const tailLines = 3;

/** What a task came to, in words for one line. */
export interface RowEnd {
  readonly kind: 'good' | 'bad' | 'skipped';
  readonly text: string;
}

/**
 * One line of the tree, for one task or for all of a stage: who runs and since when, and how many have ended. It is over
 * when all its tasks are.
 */
export class TreeRow {
  readonly #name: string;
  readonly #total: number;
  readonly #palette: Palette;
  readonly #running = new Map<string, number>();
  readonly #ends: RowEnd[] = [];
  readonly #over: Promise<void>;
  #settle: () => void = () => {};
  #wrapper: Wrapper | undefined;

  constructor(name: string, total: number, palette: Palette) {
    this.#name = name;
    this.#total = total;
    this.#palette = palette;
    this.#over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** The row as listr2 runs it: its work is to wait. */
  get listed(): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
    return {
      title: this.#title(),
      task: async (_context, wrapper) => {
        this.#wrapper = wrapper;
        await this.#over;
        this.#wrapper = undefined;
        const bad = this.#ends.find(({kind}) => kind === 'bad');
        wrapper.title = this.#title();
        if (bad) throw new Error(wrapper.title);
        if (this.#ends.every(({kind}) => kind === 'skipped')) wrapper.skip(wrapper.title);
      },
      rendererOptions: {outputBar: tailLines},
    };
  }

  start(task: string): void {
    this.#running.set(task, performance.now());
    this.refresh();
  }

  end(task: string, end: RowEnd): void {
    this.#running.delete(task);
    this.#ends.push(end);
    this.refresh();
    if (this.#ends.length >= this.#total) this.#settle();
  }

  /** Shows the last lines of what a task wrote. */
  write(text: string): void {
    const clean = stripVTControlCharacters(text).trimEnd();
    if (this.#wrapper && clean !== '') this.#wrapper.output = clean;
  }

  /** Brings the times up to date. */
  refresh(): void {
    if (this.#wrapper) this.#wrapper.title = this.#title();
  }

  /** Ends the row, whatever is missing. */
  finish(): void {
    this.#settle();
  }

  #title(): string {
    const {quiet} = this.#palette;
    const [end] = this.#ends;
    if (this.#total === 1 && end) return `${this.#name}  ${quiet(end.text)}`;
    const oldest = Math.min(...this.#running.values());
    const since = Number.isFinite(oldest) ? formatDuration(performance.now() - oldest) : 'waiting';
    if (this.#total === 1) return this.#running.size > 0 ? `${this.#name}  ${quiet(since)}` : quiet(this.#name);
    const bad = this.#ends.filter(({kind}) => kind === 'bad').length;
    const failed = bad > 0 ? `, ${bad} failed` : '';
    const now = [...this.#running.keys()].slice(0, 3).join(', ');
    const count = `${this.#ends.length}/${this.#total}${failed}`;
    return `${this.#name}  ${quiet(this.#running.size > 0 ? `${count}  ${now}  ${since}` : count)}`;
  }
}
