import type {Runtime} from '../runtime.js';
import {exitCode} from './exit-code.js';

/**
 * Aborts the controller at the first Ctrl-C or SIGTERM, with `reason`, and ends the process at the second. Returns what
 * stops listening.
 */
export function abortOnInterrupt(controller: AbortController, reason: unknown): () => void {
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    process.stderr.write('\nstopping; once more ends it at once\n');
    controller.abort(reason);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** Prints all goroutines of `runtime` to stderr at each SIGQUIT (Ctrl-\\). Returns what stops listening. */
export function dumpOnQuit(runtime: Runtime): () => void {
  const onSignal = (): void => {
    runtime.dump().then(
      (text) => process.stderr.write(`\n${text}\n`),
      // Closing already: nothing is left to show.
      () => {},
    );
  };
  process.on('SIGQUIT', onSignal);
  return () => process.off('SIGQUIT', onSignal);
}
