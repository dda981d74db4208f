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

Agents, the master, hooks, the scheduler daemon, the web interface and \`sysadmin\` are not part of this product. What \`stack\` keeps is
kept beside \`state\`, under the name of the file or that of \`run --stack\`; there is no command for it.

## Numbers and operators

Scripts for Lua 5.1 meet integers, which print without a fraction, and floats, which print with one:

\`\`\`lua
print(1, 1.0, 10 / 2, 10 // 2, 7 // 2.0, 3 % -2, 2 ^ 2)
print(1 == 1.0, math.type(1), math.type(1.0), ("10" + 1), 10 .. "")
print(5 & 3, 5 | 3, 5 ~ 3, ~0, 1 << 4, 256 >> 4)
print(math.maxinteger + 1 == math.mininteger, math.maxinteger + 1.0)
print(#"äö", utf8.len("äö"), load("return 1 + 1")(), table.unpack({3, 4}))
print(pcall(string.rep, "x", 1.5))
\`\`\`

\`\`\`text
1	1.0	5.0	5	3.0	-1	4.0
true	integer	float	11	10
1	7	6	-1	16	16
true	9.2233720368548e+18
4	2	2	3	4
false	bad argument #2 to 'string.rep' (number has no integer representation)
\`\`\`

| in Lua 5.1 | here |
|---|---|
| \`10 / 2\` is \`5\` | it is \`5.0\`; \`10 // 2\` is \`5\` |
| \`tostring(1e15)\` is \`1e+15\` | it is a float, and prints as one; \`1000000000000000\` is an integer |
| \`%d\` of \`string.format\` takes any number | it takes what has no fraction; \`math.floor\` gives an integer |
| \`bit.band(a, b)\` and the like | operators: \`&\`, \`|\`, \`~\`, \`<<\`, \`>>\`, on integers of 64 bits |
| \`math.pow(a, b)\`, \`math.log10(x)\` | are there; as operators and functions of Lua: \`a ^ b\`, \`math.log(x, 10)\` |
| \`arg\` in a function with \`...\` | \`select("#", ...)\`, \`table.pack(...)\` |
| \`setfenv\`, \`getfenv\`, \`module\` | \`_ENV\`, and tables that files return |
| a global \`unpack\` or \`loadstring\` | in task files; elsewhere \`table.unpack\` and \`load\` |
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
