/**
 * Waits until the function that `begin` is handed is called, or until `signal` is aborted, whichever is first.
 * Leaves no listener behind: a signal that lives as long as its run may be waited with any number of times.
 */
export function untilCalled(signal: AbortSignal, begin: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    signal.addEventListener('abort', wake, {once: true});
    begin(wake);
    if (signal.aborted) wake();
  });
}
