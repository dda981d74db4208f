import {type NoteGroup, noteGroups} from './notes.js';

/** The page of the documentation that tells what became of each name. */
export function renderMigration(): string {
  return `${introduction}\n${noteGroups.map(renderGroup).join('\n')}`;
}

const introduction = `# Coming from the Go sloth-runner

Scripts of the Go sloth-runner run here, and most of what did nothing there does what its name says. \`sloth-runner check --migrate FILE\`
lists what is different or gone in a file, line by line, without running it:

\`\`\`sh
sloth-runner check --migrate build.sloth
\`\`\`

Three things are different everywhere. A goroutine shares what it captures with the others, and no write is lost
([memory model](memory-model.md)). What a program starts is waited for, and an error that nobody asks about ends it with exit code 1. And
this is Lua 5.4: integers are numbers of their own, \`//\` divides them, and \`goto\`, \`<const>\` and \`<close>\` are there.

Agents, the master, hooks, stacks, the scheduler daemon, the web interface and \`sysadmin\` are not part of this product.
`;

function renderGroup({title, same, notes}: NoteGroup): string {
  const rows = notes.map(
    ({name, kind, note}) => `| \`${name}\` | ${kind} | ${kind === 'gone' ? `instead: ${note}` : note} |`,
  );
  return `
## ${title}

| name | | |
|---|---|---|
${rows.join('\n')}

The same: ${same.map((name) => `\`${name}\``).join(', ')}.
`;
}
