import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import type {RunOptions} from '../../lib/run-options.js';
import {Runtime} from '../../lib/runtime.js';
import {CommandLine} from '../cli/command-line.js';
import {eventsOf, readTrace, type TraceFile} from './trace-file.js';

const folder = mkdtempSync(join(tmpdir(), 'sloth-trace-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
let files = 0;

interface Traced {
  readonly trace: TraceFile;
  readonly stats: Readonly<Record<string, number>>;
  readonly traced: {readonly events: number; readonly dropped: number};
  readonly kind: string;
}

/** Runs a script with a trace, which it checks and returns. */
async function traceOf(source: string, options: RunOptions = {}): Promise<Traced> {
  files += 1;
  const path = join(folder, `${files}.json`);
  const runtime = new Runtime({workers: 2, trace: path, stderr: () => {}});
  const {kind} = await runtime.start(source, {chunkName: '=script', ...options}).report;
  await runtime.close();
  return {trace: readTrace(path), stats: runtime.stats(), traced: runtime.traced, kind};
}

// Until somebody was interrupted.
const busy = `local t = goroutine.now() while goroutine.stats().preemptions == 0 and goroutine.now() - t < 20000 do end`;

describe('a trace', () => {
  it('counts what the runtime counts', async () => {
    const {trace, stats, traced, kind} = await traceOf(
      `local ch, wg = channel.make(), goroutine.wait_group()
for i = 1, 4 do wg:go(function() ${busy} end) end
for i = 1, 3 do wg:go(function() for v in ch:range() do end end) end
for i = 1, 300 do ch:send(i) end
ch:close()
goroutine.pool_create("p", {workers = 2})
for i = 1, 20 do goroutine.pool_submit("p", function() goroutine.sleep(1) end) end
goroutine.pool_wait("p")
wg:wait()`,
    );
    expect(kind).toBe('succeeded');
    expect(stats['preemptions']).toBeGreaterThan(0);
    expect(eventsOf(trace, 'i', 'spawn')).toHaveLength(stats['spawned'] ?? -1);
    expect(eventsOf(trace, 'i', 'preempted')).toHaveLength(stats['preemptions'] ?? -1);
    expect(eventsOf(trace, 'i', 'steal')).toHaveLength(stats['steals'] ?? -1);
    expect(eventsOf(trace, 's', 'message')).toHaveLength(300);
    // The main goroutine was started by the host.
    expect(eventsOf(trace, 's', 'spawn')).toHaveLength((stats['spawned'] ?? 0) - 1);
    const ended = eventsOf(trace, 'X').filter((slice) => slice.args['end'] === 'ended');
    expect(ended).toHaveLength(stats['spawned'] ?? -1);
    expect(new Set(ended.map((slice) => slice.args['id'])).size).toBe(ended.length);
    expect(trace.otherData).toEqual(traced);
    expect(traced).toMatchObject({dropped: 0});
  });

  it('names slices by where their goroutine was started, with its number and island', async () => {
    const {trace} = await traceOf('local h = go.spawn(function() end)\nh:await()');
    const [spawn] = eventsOf(trace, 'i', 'spawn').filter((event) => event.args['parent'] === 1);
    expect(spawn?.args).toMatchObject({id: 2, parent: 1, at: 'script:1'});
    const slices = eventsOf(trace, 'X');
    expect(slices.map((slice) => slice.name)).toEqual(expect.arrayContaining(['main', 'script:1']));
    const slice = slices.find((each) => each.name === 'script:1');
    expect(slice?.args).toMatchObject({id: 2, island: spawn?.args['island'], end: 'ended'});
  });

  it('names workers', async () => {
    const {trace} = await traceOf('return 1');
    expect(eventsOf(trace, 'M', 'thread_name').map((event) => event.args['name'])).toEqual(
      expect.arrayContaining(['other threads', 'worker 1']),
    );
    expect(eventsOf(trace, 'M', 'process_name').map((event) => event.args['name'])).toEqual(['sloth-runner']);
  });

  it('shows what goroutines wait for', async () => {
    const {trace} = await traceOf(
      `local ch, mu, wg = channel.make(), goroutine.mutex(), goroutine.wait_group()
wg:add()
goroutine.shared(function() mu:lock() goroutine.sleep(5) mu:unlock() ch:receive() wg:done() end)
goroutine.sleep(1)
mu:lock()
ch:send(1)
wg:wait()
channel.select({{"|<-", ch}}, 0.002)
goroutine.spawn(function() goroutine.sleep(3) end):await()
table.sort({1, 2}, function() goroutine.sleep(2) end)`,
    );
    const waits = new Set(eventsOf(trace, 'b', 'wait').map((event) => event.name));
    expect([...waits]).toEqual(expect.arrayContaining(['sleep', 'mutex lock', 'select', 'await']));
    const ends = new Set(eventsOf(trace, 'X').map((slice) => slice.args['end']));
    expect([...ends]).toEqual(expect.arrayContaining(['waits', 'waits in place', 'ended']));
  });

  it('joins every message that was received to where it was sent, whichever way it went', async () => {
    const {trace} = await traceOf(
      `local direct, buffered = channel.make(), channel.make(8)
local wg = goroutine.wait_group()
wg:go(function() for i = 1, 5 do direct:send({i}) end direct:close() end)
wg:go(function() for i = 1, 5 do buffered:send("m") end end)
for v in direct:range() do end
wg:wait()
for i = 1, 2 do buffered:receive() end
buffered:try_receive()
channel.select{{"|<-", buffered}}
assert(buffered:try_send(7))
assert(not channel.make():try_send(8))
goroutine.shared(function() channel.select{{"<-|", channel.make(), 1}, {"<-|", buffered, 2}} end)`,
    );
    // Three stay in a buffer, and what could not be sent went nowhere.
    expect(eventsOf(trace, 's', 'message')).toHaveLength(9);
  });

  it('shows calls of host functions by their names', async () => {
    const lookUp = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const {trace} = await traceOf('look_up() look_up()', {globals: {look_up: lookUp}});
    expect(eventsOf(trace, 'b', 'host').map((event) => event.name)).toEqual(['lookUp', 'lookUp']);
  });

  it('ends the waits that nothing ended', async () => {
    const {trace, kind} = await traceOf('go.spawn(function() channel.make():receive() end)', {noWait: true});
    expect(kind).toBe('succeeded');
    expect(eventsOf(trace, 'e', 'wait').length).toBe(eventsOf(trace, 'b', 'wait').length);
  });

  it('is made of valid JSON whatever a chunk is called', async () => {
    const {trace} = await traceOf('go.spawn(function() end):await()', {chunkName: '="quo\\ted"\n\u0001 ü'});
    expect(eventsOf(trace, 'X').map((slice) => slice.name)).toContain('"quo\\ted"?? ü:1');
  });

  it('of a program that records much keeps what came last, and says how much is missing', async () => {
    const {trace, traced, stats} = await traceOf(
      `local a, b = channel.make(), channel.make()
go.spawn(function() for v in a:range() do b:send(v) end end)
for i = 1, 100000 do a:send(i) b:receive() end
a:close()`,
    );
    expect(traced.dropped).toBeGreaterThan(0);
    expect(traced.events).toBeGreaterThan(100_000);
    expect(traced.events).toBeLessThan(700_000);
    expect(trace.otherData).toEqual(traced);
    expect(stats['spawned']).toBe(2);
    expect(eventsOf(trace, 'X').filter((slice) => slice.args['end'] === 'ended')).toHaveLength(2);
  });

  it('is refused where it cannot be written', () => {
    expect(() => new Runtime({trace: join(folder, 'missing', 'out.json')})).toThrow(
      expect.objectContaining({code: 'E_FILE', message: expect.stringMatching(/cannot write a trace to .*out\.json/)}),
    );
  });

  it('that does not fit on its disk makes close say so', async () => {
    const runtime = new Runtime({workers: 1, trace: '/dev/full'});
    await runtime.run('return 1');
    await expect(runtime.close()).rejects.toMatchObject({code: 'E_FILE', message: expect.stringContaining('No space')});
  });
});

describe('run --trace', () => {
  const commandLine = new CommandLine();
  const fileOf = (name: string) => join(commandLine.folder, name);

  it('writes the file and says so', async () => {
    commandLine.write('one.lua', 'go.spawn(function() print("hello") end)');
    const {code, stdout, stderr} = await commandLine.run(['run', '--trace', 'one.json', 'one.lua']);
    expect({code, stdout}).toEqual({code: 0, stdout: 'hello\n'});
    const {events} = readTrace(fileOf('one.json')).otherData;
    expect(stderr).toBe(`trace: ${events} events in one.json\n`);
  });

  it('writes the file of a run that was interrupted', async () => {
    commandLine.write(
      'long.lua',
      'go.spawn(function() goroutine.sleep(60000) end) print("ready") goroutine.sleep(60000)',
    );
    let interrupted = false;
    const {code} = await commandLine.run(['run', '--trace', 'long.json', 'long.lua'], (output, kill) => {
      if (!interrupted && output.includes('ready')) {
        interrupted = true;
        kill('SIGINT');
      }
    });
    expect(code).toBe(130);
    expect(eventsOf(readTrace(fileOf('long.json')), 'b', 'wait').map((event) => event.name)).toContain('sleep');
  });

  it('writes the file of a task file, with a failing task', async () => {
    commandLine.write('two.sloth', 'task("a"):command(function() error("no") end):build()');
    const {code} = await commandLine.run(['run', '--trace', 'two.json', 'two.sloth']);
    expect(code).toBe(4);
    expect(eventsOf(readTrace(fileOf('two.json')), 'X').length).toBeGreaterThan(0);
  });

  it('is wrong usage where the file cannot be written', async () => {
    commandLine.write('three.lua', 'print("never")');
    const {code, stdout, stderr} = await commandLine.run(['run', '--trace', 'no/where.json', 'three.lua']);
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toMatch(/error: cannot write a trace to no\/where\.json: .*no such file/);
  });
});
