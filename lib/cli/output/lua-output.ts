import type {OutputTarget} from '../../output-sink.js';
import type {SecretMask} from '../../util/secret-mask.js';
import type {ViewStreams} from './output-view.js';

/** Where what Lua writes goes. */
export interface LuaOutput {
  /** Whether it goes to the process's own streams as long as there is no secret to hide. */
  readonly isDirect: boolean;
  readonly stdout: OutputTarget;
  readonly stderr: OutputTarget;
  /** What is still held back, at the end. */
  flush(): void;
}

/** To the streams, with secrets hidden; directly as long as there are none. */
export function maskedOutput(mask: SecretMask, streams: ViewStreams): LuaOutput {
  const masks = {stdout: mask.stream(), stderr: mask.stream()};
  const write = (stream: 'stdout' | 'stderr', text: string | Uint8Array): unknown => {
    const shown = masks[stream].push(typeof text === 'string' ? Buffer.from(text) : text);
    return shown.length > 0 ? streams[stream](shown) : undefined;
  };
  return {
    isDirect: true,
    stdout: (text) => write('stdout', text),
    stderr: (text) => write('stderr', text),
    flush() {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = masks[stream].flush();
        if (rest.length > 0) streams[stream](rest);
      }
    },
  };
}
