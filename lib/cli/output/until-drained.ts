/** Resolves when the process's output is read again; nothing while there is room in it. */
export function untilDrained(): Promise<void> | undefined {
  const full = [process.stdout, process.stderr].find(({writableNeedDrain}) => writableNeedDrain);
  if (!full) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      full.off('drain', done).off('close', done);
      resolve();
    };
    full.on('drain', done).on('close', done);
  });
}
