/** A traceback without the frames of the builders, which tell the author of a task file nothing. */
export function withoutOwnFrames(traceback: string): string {
  return traceback
    .split('\n')
    .filter((line) => !/^\s*\[task \w+\]:/.test(line))
    .join('\n');
}
