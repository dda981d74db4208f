import type {TaskEvent} from '../../task/events.js';
import type {SecretMask, StreamMask} from '../../util/secret-mask.js';
import {isEnd} from './grouped-view.js';
import type {OutputView, Stream} from './output-view.js';

/** Shows what another view shows, with secrets masked in everything; also those that become known while it does. */
export function maskedView(view: OutputView, mask: SecretMask): OutputView {
  const streams = new Map<string, StreamMask>();
  const streamOf = (key: string): StreamMask => {
    const known = streams.get(key) ?? mask.stream();
    streams.set(key, known);
    return known;
  };
  return {
    emit: (event) => {
      if (event.kind === 'task.output') {
        const bytes = streamOf(`${event.workflow}/${event.task}/${event.stream}`).push(event.bytes);
        if (bytes.length > 0) view.emit({...event, bytes});
        return;
      }
      if (isEnd(event)) {
        for (const stream of ['stdout', 'stderr'] as const) {
          const bytes = streamOf(`${event.workflow}/${event.task}/${stream}`).flush();
          if (bytes.length > 0) {
            const {at, workflow, task} = event;
            view.emit({kind: 'task.output', at, workflow, task, stream, bytes});
          }
        }
      }
      view.emit(maskedEvent(event, mask));
    },
    print: (stream, bytes) => {
      const shown = streamOf(stream).push(bytes);
      if (shown.length > 0) view.print(stream, shown);
    },
    close: async () => {
      for (const stream of ['stdout', 'stderr'] as readonly Stream[]) {
        const rest = streamOf(stream).flush();
        if (rest.length > 0) view.print(stream, rest);
      }
      await view.close();
    },
  };
}

// Outputs of tasks are data of every kind, so they are walked, not turned into JSON.
function maskedEvent(event: TaskEvent, mask: SecretMask): TaskEvent {
  return mask.isEmpty ? event : (maskedValue(event, mask) as TaskEvent);
}

function maskedValue(value: unknown, mask: SecretMask): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, mask));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [maskedValue(key, mask), maskedValue(item, mask)]));
  }
  if (value instanceof Set) return new Set([...value].map((item) => maskedValue(item, mask)));
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask.text(key), maskedValue(item, mask)]));
}
