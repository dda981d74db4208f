// One repetition of one row, in a process of its own: `node child.mjs <row> <JSON of what it may use>`. Prints its figures.
const [, , name = '', context = '{}'] = process.argv;
const {row} = await import(`../rows/${name}.mjs`);
const figures = await row.measure(JSON.parse(context));
process.stdout.write(`\n${JSON.stringify(figures)}\n`);
