import type {TaskEvent} from '../../task/events.js';
import type {TaskResult} from '../../task/outcome.js';
import type {Palette} from '../palette.js';
import {eventLines, indent} from './event-lines.js';
import {annotations} from './github-annotations.js';
import type {OutputView, Stream, ViewStreams} from './output-view.js';

type EndEvent = Extract<TaskEvent, {readonly result: TaskResult}>;
type Piece = readonly [stream: Stream, bytes: Uint8Array];

/**
 * Tells in lines what happens; the output of each task comes in one piece, when the task has ended.
 *
 * @param forGitHub adds the commands with which GitHub Actions folds output and marks failures.
 */
export function groupedView(streams: ViewStreams, palette: Palette, forGitHub: boolean): OutputView {
  const pieces = new Map<string, Piece[]>();
  const show = (event: EndEvent): void => {
    const key = keyOf(event);
    const output = pieces.get(key) ?? [];
    pieces.delete(key);
    const lines = eventLines(event, palette);
    if (forGitHub && output.length > 0) streams.stderr(annotations.group(`${event.task} (output)`));
    else if (output.length > 0) streams.stderr(`${palette.quiet(`  ┌ ${event.task}`)}\n`);
    for (const [stream, bytes] of output) streams[stream](bytes);
    if (output.length > 0 && !endsLine(output)) streams[output.at(-1)?.[0] ?? 'stdout']('\n');
    if (forGitHub && output.length > 0) streams.stderr(annotations.endGroup);
    if (lines !== undefined) streams.stderr(`${lines}\n`);
    if (forGitHub) streams.stderr(annotations.failure(event.result));
  };
  return {
    emit: (event) => {
      if (event.kind === 'task.output') {
        const key = keyOf(event);
        const known = pieces.get(key);
        const piece = [event.stream, Uint8Array.from(event.bytes)] as const;
        if (known) known.push(piece);
        else pieces.set(key, [piece]);
      } else if (isEnd(event)) {
        show(event);
      } else if (event.kind !== 'task.started') {
        const lines = eventLines(event, palette);
        if (lines !== undefined) streams.stderr(`${lines}\n`);
      }
    },
    print: (stream, bytes) => streams[stream](bytes),
    close: async () => {
      // Of tasks whose end was never told.
      for (const [key, output] of pieces) {
        streams.stderr(`${palette.quiet(indent(`┌ ${key}`))}\n`);
        for (const [stream, bytes] of output) streams[stream](bytes);
      }
      pieces.clear();
    },
  };
}

/** Whether an event is the end of a task. */
export function isEnd(event: TaskEvent): event is EndEvent {
  return 'result' in event && 'task' in event;
}

function keyOf({workflow, task}: {readonly workflow: string; readonly task: string}): string {
  return `${workflow}/${task}`;
}

function endsLine(output: readonly Piece[]): boolean {
  return output.at(-1)?.[1].at(-1) === 0x0a;
}
