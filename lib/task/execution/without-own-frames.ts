const ownFrame = /^\s*\[task \w+\]:/;

/**
 * A traceback without the frames of the builders, and without what is below the one that called the task: they tell the
 * author of a task file nothing.
 */
export function withoutOwnFrames(traceback: string): string {
  const lines = traceback.split('\n');
  const caller = lines.findLastIndex((line) => ownFrame.test(line));
  if (caller === -1) return traceback;
  const above = lines.slice(0, caller);
  if (/\[C\]: in function 'xpcall'/.test(above.at(-1) ?? '')) above.pop();
  return above.filter((line) => !ownFrame.test(line)).join('\n');
}
