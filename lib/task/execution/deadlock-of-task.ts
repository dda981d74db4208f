/**
 * A deadlock report as the author of a task file needs it: without the goroutine that only waits for the task's own, and
 * without where that one was spawned.
 */
export function deadlockOfTask(report: string): string {
  const [header = '', ...paragraphs] = report.split('\n\n');
  const theirs = paragraphs.filter((paragraph) => !/^.* at \[task \w+\]:\d+$/m.test(paragraph.split('\n', 1)[0] ?? ''));
  const blocked = theirs.filter((paragraph) => / is blocked in /.test(paragraph)).length;
  const counted = header.replace(
    /^(deadlock: )\d+ goroutines? (?:is|are) (blocked and nothing can wake) (?:it|them)/,
    (_, before, after) =>
      blocked === 1 ? `${before}1 goroutine is ${after} it` : `${before}${blocked} goroutines are ${after} them`,
  );
  return [counted, ...theirs.map(withoutOwnSpawn)].join('\n\n');
}

function withoutOwnSpawn(paragraph: string): string {
  return paragraph
    .split('\n')
    .filter((line) => !/^spawned at \[task \w+\]:/.test(line))
    .join('\n');
}
