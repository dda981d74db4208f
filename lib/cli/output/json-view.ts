import {eventVersion, type TaskEvent} from '../../task/events.js';
import {storeResult} from '../../task/journal/stored-result.js';
import {isEnd} from './grouped-view.js';
import type {OutputView, ViewStreams} from './output-view.js';

/**
 * Prints every event as one line of JSON on stdout: `{"version": 1, "at": <ms since 1970>, "kind": ...}`. Output is the field
 * `text`, or `base64` where it is not UTF-8. What Lua code wrote that belongs to no task has the kind `output`.
 */
export function jsonView({stdout}: ViewStreams): OutputView {
  const line = (value: object): void => stdout(`${JSON.stringify(value)}\n`);
  return {
    emit: (event) => line({version: eventVersion, ...readable(event)}),
    print: (stream, bytes) =>
      line({version: eventVersion, at: Date.now(), kind: 'output', stream, ...contentOf(bytes)}),
    close: async () => {},
  };
}

function readable(event: TaskEvent): object {
  if (event.kind === 'task.output') {
    const {bytes, ...others} = event;
    return {...others, ...contentOf(bytes)};
  }
  if (isEnd(event)) return {...event, result: storeResult(event.result).value};
  if (event.kind === 'workflow.completed' || event.kind === 'workflow.failed') {
    const tasks = event.result.tasks.map((result) => storeResult(result).value);
    return {...event, result: {...event.result, tasks}};
  }
  return event;
}

function contentOf(bytes: Uint8Array): {readonly text: string} | {readonly base64: string} {
  try {
    return {text: new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)};
  } catch {
    return {base64: Buffer.from(bytes).toString('base64')};
  }
}
