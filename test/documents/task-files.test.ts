import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {programsIn, root} from './page-programs.js';
import {type Finished, linesOf, runNode} from './run-script.js';
import {taskFilePages} from './task-file-pages.js';

const main = fileURLToPath(new URL('dist/cli/main.js', root));

// What the pages' commands are called by: each says what it was given.
let commands = '';
beforeAll(async () => {
  commands = await mkdtemp(join(tmpdir(), 'sloth-commands-'));
  for (const name of ['make', 'kubectl']) {
    await writeFile(join(commands, name), `#!/bin/sh\necho ${name} "$@"\n`);
    await chmod(join(commands, name), 0o755);
  }
});
afterAll(() => rm(commands, {recursive: true}));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sloth-page-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, {recursive: true});
  }
}

function run(folder: string, words: readonly string[]): Promise<Finished> {
  return runNode([main, ...words], folder, {PATH: `${commands}${delimiter}${process.env['PATH']}`});
}

interface Around {
  /** Definitions that a fragment leaves to its reader. */
  readonly before?: string;
  readonly after?: string;
  readonly code?: number;
  /** Lines among its output. */
  readonly shows: readonly (string | RegExp)[];
}

const ofNames = (...names: readonly string[]): string =>
  names.map((name) => `task("${name}"):command("echo did ${name}")`).join('\n');

/** What each task file needs around it, and shows; in the order of its page. */
const around: Readonly<Record<string, readonly Around[]>> = {
  'docs/quick-start.md': [{shows: ['reported by report']}],
  'docs/cache.md': [
    {
      before: 'fs.mkdir("src") fs.write("src/a.c", "") fs.mkdir("out") fs.write("out/program", "")',
      shows: ['make LEVEL=debug'],
    },
  ],
  'docs/task-files.md': [
    {shows: ['make -j4', /report starts$/, 'true\t12']},
    {
      before: ofNames('frontend', 'backend', 'deploy_staging', 'notify'),
      shows: ['did frontend', 'did backend', 'make test', 'did deploy_staging'],
    },
    {after: 'task("bad"):command("false")', code: 4, shows: [/no notification channel for 'critical'/]},
    {before: 'fs.write("big.csv", "amount\\n1\\n2\\n")', shows: [/ total .*the sum is 3/]},
    {
      before: 'function build() return "built" end',
      after: 'task("shown"):depends_on("report"):command(function(params, deps) print(deps.report) end)',
      shows: ['built'],
    },
  ],
  'docs/resume.md': [
    {before: 'function insert(line) if line % 250000 == 0 then print("at " .. line) end end', shows: ['at 1000000']},
  ],
};

describe.concurrent('the task files of a page run, and show what they are there for', () => {
  const programs = (taskFilePages['sloth'] ?? []).flatMap((page) =>
    programsIn(page, 'sloth').map((program, at) => ({...program, around: around[page]?.[at]})),
  );

  test.each(programs)('$page:$line', async ({text, around: given}) => {
    const {before = '', after = '', code: expected = 0, shows} = given ?? {shows: ['nothing is said of it']};
    await inFolder(async (folder) => {
      // What is made before is made by Lua: a task file that is being read makes nothing.
      const isMade = before.startsWith('fs.');
      if (isMade) {
        await writeFile(join(folder, 'before.lua'), before);
        expect((await run(folder, ['run', 'before.lua'])).code).toBe(0);
      }
      await writeFile(join(folder, 'build.sloth'), `${isMade ? '' : before}\n${text}\n${after}`);
      const {code, output} = await run(folder, ['run', '--output', 'plain', 'build.sloth']);
      expect({code, output}).toMatchObject({code: expected});
      for (const line of shows) {
        const isShown = linesOf(output).some((one) => (typeof line === 'string' ? one === line : line.test(one)));
        expect(isShown, `${line} in ${output}`).toBe(true);
      }
    });
  });
});

describe.concurrent('the commands of a page work', () => {
  const ofRunner = (taskFilePages['sh'] ?? [])
    .flatMap((page) => programsIn(page, 'sh'))
    .flatMap(({page, line, text}) =>
      linesOf(text)
        .map((command) => command.replace(/\s+#.*$/, ''))
        .filter((command) => /^(?:npx )?sloth-runner (?!build-native|repl)/.test(command))
        .map((command) => ({page, line, command})),
    );

  test('there are some', () => {
    expect(ofRunner.length).toBeGreaterThan(5);
  });

  test.each(ofRunner)('$page:$line $command', async ({command}) => {
    const [file] = programsIn('docs/quick-start.md', 'sloth');
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'build.sloth'), file?.text ?? '');
      await writeFile(join(folder, 'hello.lua'), 'print("hello")');
      const words = command.replace(/^(?:npx )?sloth-runner /, '').split(/\s+/);
      if (words[0] !== 'run' && words[0] !== 'check') await run(folder, ['run', 'build.sloth']);
      const {code, output} = await run(folder, words);
      expect({code, output}).toMatchObject({code: 0});
    });
  });
});

describe('the settings of a page', () => {
  const settings = (taskFilePages['json'] ?? []).flatMap((page) => programsIn(page, 'json'));

  test.each(settings)('$page:$line are those that init writes', async ({text}) => {
    await inFolder(async (folder) => {
      expect((await run(folder, ['init'])).code).toBe(0);
      const written = JSON.parse(await readFile(join(folder, '.luarc.json'), 'utf8'));
      expect(Object.keys(written)).toEqual(expect.arrayContaining(Object.keys(JSON.parse(text))));
    });
  });
});
