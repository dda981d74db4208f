import {appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {errorWithModules, runWithModules, valuesWithModules} from './module-script.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

/** A script that registers a watcher, lets the host make one change after the other, and tells the event that each makes. */
function watching(register: string, tells: string, changes: readonly (() => unknown)[], pattern = '*') {
  const source = `
    local heard = channel.make(100)
    event.on("${pattern}", function(e) heard:send(e) end)
    local id = ${register}
    local seen = {}
    for i = 1, ${changes.length} do
      change(i)
      local e = heard:receive(20)
      if not e then break end
      seen[i] = ${tells}
    end
    return seen`;
  const change = async (i: number): Promise<void> => void (await changes[i - 1]?.());
  return valuesWithModules(source, {globals: {change: change as () => never}});
}

describe('watcher.register', () => {
  it('file tells when it is made, changed and removed', async () => {
    const path = join(folder, 'a');
    const changes = [() => writeFileSync(path, '1'), () => writeFileSync(path, 'longer'), () => rmSync(path)];
    const register = `watcher.register.file{path = "${path}", interval = "10ms", name = "config"}`;
    const seen = await watching(
      register,
      `e.type .. " " .. e.data.name .. " " .. tostring(e.data.path == "${path}")`,
      changes,
    );
    expect(seen).toEqual([['file.created config true', 'file.modified config true', 'file.deleted config true']]);
  });

  it('file with check_hash tells another content only, and `when` what of it is wanted', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'same');
    const changes = [
      () => {
        writeFileSync(path, 'same');
        writeFileSync(path, 'other');
      },
      () => {
        rmSync(path);
        writeFileSync(`${path}2`, 'x');
        renameSync(`${path}2`, path);
      },
    ];
    const register = `watcher.register.file{path = "${path}", interval = "10ms", check_hash = true, when = {"changed"}, event = "config.changed"}`;
    expect(await watching(register, 'e.type .. " " .. e.data.change', changes)).toEqual([
      ['config.changed modified', 'config.changed modified'],
    ]);
  });

  it('directory tells what happens in it', async () => {
    mkdirSync(join(folder, 'dir'));
    const path = join(folder, 'dir', 'x');
    const register = `watcher.register.directory{path = "${folder}/dir", interval = "10ms"}`;
    const seen = await watching(register, 'e.type .. " " .. fs.basename(e.data.path)', [
      () => writeFileSync(path, '1'),
      () => rmSync(path),
    ]);
    expect(seen).toEqual([['file.created x', 'file.deleted x']]);
  });

  it('log tells whole new lines that match, also after the file was begun anew', async () => {
    const path = join(folder, 'log');
    writeFileSync(path, 'old error\n');
    const register = `watcher.register.log{path = "${path}", pattern = "error (\\\\d+)", interval = "10ms"}`;
    const seen = await watching(register, 'e.data.line', [
      () => {
        appendFileSync(path, 'fine\nnew error 1');
        appendFileSync(path, '\n');
      },
      () => writeFileSync(path, 'error 2\n'),
    ]);
    expect(seen).toEqual([['new error 1', 'error 2']]);
  });

  it('port tells when somebody listens, and when nobody does any more', async () => {
    const servers: Server[] = [];
    const listen = (port: number) =>
      new Promise<number>((resolve) => {
        const server = createServer((socket) => socket.on('error', () => {}).end());
        servers.push(server);
        server.listen(port, '127.0.0.1', () => resolve((server.address() as {port: number}).port));
      });
    const close = () => new Promise((resolve) => servers.at(-1)?.close(resolve));
    const port = await listen(0);
    const register = `watcher.register.port{port = ${port}, interval = "10ms"}`;
    expect(await watching(register, 'e.type', [close, () => listen(port), close])).toEqual([
      ['port.closed', 'port.opened', 'port.closed'],
    ]);
  });

  it('process tells when one of that name begins and ends', async () => {
    const source = `
      local heard = channel.make(10)
      event.on("process.*", function(e) heard:send(e) end)
      fs.copy("/bin/sleep", "${folder}/sleepy")
      exec.run({"chmod", "+x", "${folder}/sleepy"})
      watcher.register.process{process = "sleepy", interval = "10ms"}
      local job = exec.start({"${folder}/sleepy", "60"})
      local begun = heard:receive(20)
      job:kill()
      local ended = heard:receive(20)
      return begun.type, begun.data.pids[1] == job.pid, ended.type, #ended.data.pids`;
    expect(await valuesWithModules(source)).toEqual(['process.started', true, 'process.stopped', 0]);
  });

  it('command tells when it begins to fail and to succeed', async () => {
    const path = join(folder, 'a');
    const register = `watcher.register.command{command = {"test", "-e", "${path}"}, interval = "10ms"}`;
    const seen = await watching(register, 'e.type .. " " .. e.data.exit_code', [
      () => writeFileSync(path, ''),
      () => rmSync(path),
    ]);
    expect(seen).toEqual([['command.succeeded 0', 'command.failed 1']]);
  });

  it('cpu and memory tell when they are above the threshold', async () => {
    for (const kind of ['cpu', 'memory']) {
      const register = `watcher.register.${kind}{threshold = 0, interval = "50ms"}`;
      expect(await watching(register, 'e.type', [() => {}], `${kind}.*`)).toEqual([[`${kind}.high`]]);
    }
  });

  it('custom tells when its function begins and ceases to say something; an error of it is logged, and it goes on', async () => {
    const source = `
      local heard, n = channel.make(10), goroutine.atomic_int()
      event.on("custom.*", function(e) heard:send(e) end)
      watcher.register.custom{interval = "10ms", check = function()
        local i = n:add(1)
        if i == 2 then error("not yet") end
        return i == 4 and {level = i}
      end}
      local begun, ended = heard:receive(20), heard:receive(20)
      return begun.type, begun.data.value.level, ended.type`;
    const {values, stderr} = await runWithModules(source);
    expect(values).toEqual(['custom.triggered', 4, 'custom.ended']);
    expect(stderr).toMatch(/watcher 'custom-1' failed: .*not yet/);
  });

  it('ends with unregister, and with the run', async () => {
    const source = `
      local id = watcher.register.memory{threshold = 99.9}
      local listed = watcher.list()[1]
      return listed.id == id, listed.kind, listed.interval, watcher.unregister(id), watcher.unregister(id), #watcher.list(),
        (watcher.register.memory{threshold = 99.9})`;
    const {values, kind, ms} = await runWithModules(source);
    expect(values).toEqual([true, 'memory', 5, true, false, 0, 'memory-2']);
    expect(kind).toBe('succeeded');
    expect(ms).toBeLessThan(5000);
  });

  it.each([
    ['file{}', "option 'path' is missing: string expected"],
    ['file{path = "x", size = 1}', "there is no option 'size'"],
    [
      'file{path = "x", when = "moved"}',
      "option 'when': there is no 'moved'; known: created, modified, changed, deleted",
    ],
    ['file{path = "x", interval = "soon"}', "option 'interval': seconds or a duration"],
    ['file{path = "x", interval = 0}', "option 'interval': seconds or a duration"],
    ['process{}', "options: one of 'process' and 'pid' expected"],
    ['port{port = 70000}', "option 'port': a port from 1 to 65535 expected, got 70000"],
    ['cpu{threshold = 101}', "option 'threshold': a percentage from 0 to 100 expected, got 101"],
    ['log{path = "x", pattern = "("}', 'no pattern'],
    ['custom{}', 'watcher.register.custom: check must be a function, got nil'],
    ['custom()', "bad argument #1 to 'watcher.register.custom' (table expected, got no value)"],
  ])('%s is an error', async (call, message) => {
    expect(await errorWithModules(`watcher.register.${call}`)).toContain(message);
  });

  it('may look only at what is allowed, and needs events', async () => {
    const permissions = new Permissions();
    for (const [call, flag] of [
      ['file{path = "/etc/passwd"}', '--allow-read'],
      ['process{process = "x"}', '--allow-read'],
      ['port{port = 1}', '--allow-net'],
      ['command{command = {"true"}}', '--allow-exec'],
      ['service{service = "x"}', '--allow-exec'],
    ]) {
      expect(await errorWithModules(`watcher.register.${call}`, {permissions})).toContain(`it needs ${flag}`);
    }
    const config = () => ({enable_events: false});
    expect(await errorWithModules('watcher.register.memory{threshold = 1}', {config})).toContain(
      'events are switched off',
    );
  });
});
