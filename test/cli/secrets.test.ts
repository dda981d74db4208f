import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {Runtime} from '../../lib/index.js';
import {CommandLine, type Finished, folderOfEachTest} from './command-line.js';

const line = new CommandLine();
const folder = folderOfEachTest(line);

const write = (name: string, text: string): void => writeFileSync(join(folder(), name), text);

/** Runs a command in the folder of the test, with a secret in its environment. */
const sloth = (words: string): Promise<Finished> =>
  line.shell(`cd '${folder()}' && export DEPLOY_TOKEN=hunter2-token && sloth-runner ${words}`);

describe('utils.secret in a script', () => {
  it('hides what it hands out in everything that is printed from then on, whatever pieces it is written in', async () => {
    write(
      'a.lua',
      `print("hunter2-token is no secret yet")
       local token = utils.secret("DEPLOY_TOKEN")
       print(#token, token == "hunter2-" .. "token", "<" .. token .. ">")
       io.write("hunter2", "-to", "ken", "\\n")
       io.stderr:write("stderr: ", token, "\\n")
       log.warn("log: " .. token)
       goroutine.spawn(function() error("goroutine: " .. token) end)
       goroutine.sleep(10)
       error("main: " .. token)`,
    );
    const {code, stdout, stderr} = await sloth('run a.lua');
    expect(code).toBe(1);
    expect(stdout).toBe('hunter2-token is no secret yet\n13\ttrue\t<***>\n***\n');
    for (const text of ['stderr: ***', 'log: ***', 'goroutine: ***', 'main: ***']) expect(stderr).toContain(text);
    expect(stderr).not.toContain('hunter2');
  });

  it('loses and reorders nothing of what many goroutines write meanwhile', async () => {
    write(
      'a.lua',
      `for i = 1, 4 do
         goroutine.spawn(function()
           for n = 1, 500 do
             print(i .. ":" .. n)
             if i == 2 and n == 250 then utils.secret("DEPLOY_TOKEN") end
           end
         end)
       end`,
    );
    const {code, stdout} = await sloth('run a.lua');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2000);
    for (const i of ['1', '2', '3', '4']) {
      const of = lines.filter((text) => text.startsWith(`${i}:`)).map((text) => Number(text.slice(2)));
      expect(of).toEqual(Array.from({length: 500}, (_, n) => n + 1));
    }
  });

  it('finds what is in files, the later over the earlier, and the environment before both', async () => {
    write(
      'one.yaml',
      'db: {password: from-one, user: ann-one}\nDEPLOY_TOKEN: from-the-file\n"a.b": with-a-dot\npin: 123456\n',
    );
    write('two.json', '{"db": {"password": "from-two"}}');
    write(
      'a.lua',
      `local function len(name) return #utils.secret(name) .. ":" .. utils.secret(name):sub(1, 1) end
       print(len "db.password", utils.secret("db.password") == "from-" .. "two", len "db.user", len "a.b", len "DEPLOY_TOKEN", math.type(tonumber(utils.secret("pin"))))
       print("from-two", "ann-one", "123456")`,
    );
    const {stdout, stderr} = await sloth('run a.lua --secrets one.yaml --secrets two.json');
    expect(stderr).toBe('');
    expect(stdout).toBe('8:f\ttrue\t7:a\t10:w\t13:h\tinteger\n***\t***\t***\n');
  });

  it('raises for one that there is not, and for what is no single value', async () => {
    write('secrets.yaml', 'db: {password: from-file}\n');
    write(
      'a.lua',
      'print(pcall(utils.secret, "NO_SUCH"))\nprint(pcall(utils.secret, "db"))\nprint(pcall(utils.secret))',
    );
    const {stdout} = await sloth('run a.lua --secrets secrets.yaml');
    expect(stdout.split('\n')).toEqual([
      "false\ta.lua:1: there is no secret 'NO_SUCH': neither an environment variable nor a name in a --secrets file",
      "false\ta.lua:2: secret 'db' is a table or a list: name a value in it, such as 'db.x'",
      "false\ta.lua:3: bad argument #1 to 'utils.secret' (string expected, got no value)",
      '',
    ]);
  });

  it('reads the environment only where that is allowed; files are given by whoever starts the run', async () => {
    write('secrets.yaml', 'name: from-file\n');
    write('a.lua', 'print(#utils.secret("name"), pcall(utils.secret, "DEPLOY_TOKEN"))');
    const {stdout} = await sloth('run a.lua --secrets secrets.yaml --allow-none');
    expect(stdout).toBe(
      '9\tfalse\ta.lua:1: reading the environment variable DEPLOY_TOKEN is not allowed: it needs --allow-env or --allow-env=DEPLOY_TOKEN\n',
    );
  });
});

describe('a file of --secrets', () => {
  it.each([
    ['is missing', undefined, 'secrets.yaml cannot be read: ENOENT'],
    ['is no table', '- a\n- b\n', 'secrets.yaml: a table of values was expected at the top'],
    ['is no YAML', 'a: [', 'secrets.yaml: Flow sequence'],
    [
      'is a bomb of aliases',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
        .split('')
        .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`)
        .join('\n')}\n`,
      'secrets.yaml: Excessive alias count',
    ],
  ])('that %s is a wrong usage', async (_, text, message) => {
    if (text !== undefined) write('secrets.yaml', text);
    write('a.lua', 'print("not reached")');
    write('a.sloth', 'task("a"):command("true")');
    for (const file of ['a.lua', 'a.sloth']) {
      const {code, stdout, stderr} = await sloth(`run ${file} --secrets secrets.yaml`);
      expect({code, stdout}).toEqual({code: 2, stdout: ''});
      expect(stderr).toContain(message);
    }
  });
});

describe('utils.secret in a task file', () => {
  const file = `
    task("a"):command(function()
      local token = utils.secret("DEPLOY_TOKEN")
      print("printed " .. token)
      event.dispatch("deploy.begun", {token = token})
      return true, "told " .. token, {token = token}
    end)
    task("b"):depends_on("a"):command("echo shell $DEPLOY_TOKEN")
    task("c"):depends_on("b"):command(function() error("failed with " .. utils.secret("file.key")) end)`;

  function everythingIn(path: string): string {
    const entries = readdirSync(path, {withFileTypes: true, recursive: true});
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
  }

  it.each(['plain', 'grouped', 'json'])('is hidden in output, events, failures, and the journal: %s', async (mode) => {
    write('secrets.yaml', 'file: {key: key-of-the-file}\n');
    write('a.sloth', file);
    const how = mode === 'json' ? '--json' : `--output ${mode}`;
    const run = await sloth(`run a.sloth --secrets secrets.yaml ${how}`);
    expect(run.code).toBe(4);
    for (const text of ['printed ***', 'shell ***', 'failed with ***']) expect(run.output).toContain(text);
    const shown = await sloth('show --format json');
    for (const text of [run.output, shown.output, everythingIn(join(folder(), '.sloth'))]) {
      expect(text).not.toContain('hunter2-token');
      expect(text).not.toContain('key-of-the-file');
    }
  });

  it('is handed on to what runs when the run is gone on with, and is not in the journal', async () => {
    write('secrets.yaml', 'key: key-of-the-file\n');
    write(
      'a.sloth',
      `task("a"):command(function()
         return true, "ok", {both = utils.secret("key") .. " and " .. utils.secret("DEPLOY_TOKEN"), ["$"] = {"secret", {{secret = "x"}}}}
       end)
       task("b"):depends_on("a"):command(function(this, params, deps)
         if not fs.exists("ok") then return false, "not yet" end
         return deps.a.both == "key-of-the-file" .. " and hunter2" .. "-token" and deps.a["$"][1] == "secret", "other"
       end)`,
    );
    expect((await sloth('run a.sloth --secrets secrets.yaml')).code).toBe(4);
    expect(everythingIn(join(folder(), '.sloth'))).not.toMatch(/key-of-the-file|hunter2-token/);
    const shown = await sloth('show --format json');
    expect(shown.stdout).toContain('*** and ***');
    write('ok', '');
    const without = await line.shell(`cd '${folder()}' && sloth-runner run a.sloth --resume`);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("the secret 'environment: DEPLOY_TOKEN' in it, which is not there now");
    expect(await sloth('run a.sloth --resume')).toMatchObject({code: 0});
  });

  it('is not in what the cache keeps, and is in what comes out of it', async () => {
    write(
      'a.sloth',
      `task("a"):cache({enabled = true, key = "1"}):command(function()
         print("made " .. utils.secret("DEPLOY_TOKEN"))
         return true, "told " .. utils.secret("DEPLOY_TOKEN"), {token = utils.secret("DEPLOY_TOKEN")}
       end)
       task("b"):depends_on("a"):command(function(this, params, deps) return deps.a.token == "hunter2" .. "-token", "other" end)`,
    );
    expect((await sloth('run a.sloth')).code).toBe(0);
    expect(everythingIn(join(folder(), '.sloth'))).not.toContain('hunter2-token');
    const again = await sloth('run a.sloth');
    expect(again.code).toBe(0);
    expect(again.output).toContain('cache');
    expect(again.output).not.toContain('hunter2');
  });

  it('is found again when the run is gone on with', async () => {
    write('secrets.yaml', 'key: key-of-the-file\n');
    write('a.sloth', 'task("a"):command(function() return #utils.secret("key") == 15 and fs.exists("ok"), "no" end)');
    expect((await sloth('run a.sloth --secrets secrets.yaml')).code).toBe(4);
    write('ok', '');
    expect((await sloth('resume')).code).toBe(0);
  });

  it('is there while a file is read, for each command that reads one', async () => {
    write('secrets.yaml', 'key: key-of-the-file\n');
    write('a.sloth', 'local key = utils.secret("key")\nprint(key)\ntask("a"):command("true")');
    for (const command of ['check', 'list', 'plan']) {
      const {code, output} = await sloth(`${command} a.sloth --secrets secrets.yaml`);
      expect(code).toBe(0);
      expect(output).not.toContain('key-of-the-file');
    }
    const {code, output} = await sloth('check a.sloth');
    expect(code).toBe(1);
    expect(output).toContain("there is no secret 'key'");
  });
});

it('the prompt hides what it showed of it', async () => {
  write('input.txt', 'utils.secret("DEPLOY_TOKEN")\nprint("hunter2-token")\nerror(utils.secret("DEPLOY_TOKEN"))\n');
  const {output} = await sloth('repl < input.txt');
  expect(output).toContain('"***"\n***\n');
  expect(output).not.toContain('hunter2');
});

describe('runtime.divertOutput', () => {
  it('gives output of scripts to others, also where somebody else took it', async () => {
    const texts: string[][] = [[], []];
    const take = (at: number) => (text: string | Uint8Array) => void texts[at]?.push(String(text));
    const runtime = new Runtime({workers: 1, stdout: take(0), stderr: take(0)});
    await runtime.run('print("a")');
    runtime.divertOutput({stdout: take(1), stderr: take(1)});
    await runtime.run('print("b") io.stderr:write("c")');
    await runtime.close();
    expect(texts).toEqual([['a\n'], ['b\n', 'c']]);
  });
});
