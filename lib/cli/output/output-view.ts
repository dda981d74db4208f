import type {TaskEvent} from '../../task/events.js';

/** One of the two streams of a process. */
export type Stream = 'stdout' | 'stderr';

/** Where a view writes. */
export interface ViewStreams {
  readonly stdout: (text: string | Uint8Array) => void;
  readonly stderr: (text: string | Uint8Array) => void;
}

/** Those of the process. */
export const processStreams: ViewStreams = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
};

/** Shows what happens while a task file runs. It only looks: nothing that it does changes the run. */
export interface OutputView {
  /** Takes the next event. */
  readonly emit: (event: TaskEvent) => void;
  /** Takes what Lua code wrote that belongs to no task. */
  readonly print: (stream: Stream, bytes: Uint8Array) => void;
  /** Shows what is left. */
  close(): Promise<void>;
}

/** How a run can be shown. */
export const outputModes = ['tree', 'grouped', 'plain', 'json'] as const;
export type OutputMode = (typeof outputModes)[number];
