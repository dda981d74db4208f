import type {Palette} from '../palette.js';
import {eventLines} from './event-lines.js';
import type {OutputView, ViewStreams} from './output-view.js';

/** Tells in lines what happens, in the order in which it does; output of tasks comes between them as it is. */
export function plainView(streams: ViewStreams, palette: Palette): OutputView {
  return {
    emit: (event) => {
      if (event.kind === 'task.output') {
        streams[event.stream](event.bytes);
        return;
      }
      const lines = eventLines(event, palette);
      if (lines !== undefined) streams.stderr(`${lines}\n`);
    },
    print: (stream, bytes) => streams[stream](bytes),
    close: async () => {},
  };
}
