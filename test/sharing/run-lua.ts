import {Runtime} from '../../lib/index.js';

/** What a program printed, what it reported, and how its run ended. */
export interface Ran {
  readonly out: string[];
  readonly err: string;
  readonly kind: string;
  readonly message: string;
}

/** Runs a program on a runtime of its own. */
export async function runLua(
  source: string,
  options: {workers?: number; explain?: boolean; checkCaptures?: boolean} = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const runtime = new Runtime({
    workers: options.workers ?? 2,
    stdout: (text) => {
      out += typeof text === 'string' ? text : Buffer.from(text).toString();
    },
    stderr: (text) => {
      err += typeof text === 'string' ? text : Buffer.from(text).toString();
    },
  });
  try {
    const report = await runtime.start(source, {
      chunkName: '=test',
      explain: options.explain ?? false,
      checkCaptures: options.checkCaptures ?? false,
    }).report;
    await runtime.close();
    return {out: out.split('\n').slice(0, -1), err, kind: report.kind, message: report.message ?? ''};
  } finally {
    await runtime.close();
  }
}
