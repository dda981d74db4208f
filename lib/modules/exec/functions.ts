import {constants} from 'node:os';
import type {HostCall} from '../../host-function.js';
import {results} from '../../results.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';
import {durationOption, readCommand} from './command.js';
import {type Ended, RunningProcess} from './running-process.js';

export function create(services: ModuleServices): Implementations {
  const processes = new Map<string, RunningProcess>();
  /** Nobody wants them any more, and they were not started yet. */
  const unwanted = new Set<string>();
  let lastId = 0;
  services.onClose(async () => {
    const left = [...processes.values()];
    for (const process of left) {
      process.stop();
      process.kill('SIGKILL');
    }
    await Promise.all(left.map(({ended}) => ended));
  });
  const start = async (spec: unknown, id: string, {signal, limits}: HostCall): Promise<RunningProcess> => {
    const command = await readCommand(spec, services);
    if (unwanted.delete(id) || signal.aborted) throw signal.reason;
    const process = new RunningProcess(command, limits.memoryBytes);
    processes.set(id, process);
    return process;
  };
  const find = (id: unknown): RunningProcess => {
    const process = processes.get(asText(id));
    if (!process) throw new Error('not a process of this runtime');
    return process;
  };
  return {
    async collect(spec) {
      lastId += 1;
      const id = `run ${lastId}`;
      const process = await start(spec, id, this);
      const stop = (): void => process.stop();
      this.signal.addEventListener('abort', stop, {once: true});
      const ended = await process.ended;
      this.signal.removeEventListener('abort', stop);
      processes.delete(id);
      return answer(ended);
    },
    async begin(spec, id) {
      return (await start(spec, asText(id), this)).pid;
    },
    next_lines(id) {
      return find(id).nextLines(this.signal);
    },
    async wait(id, timeout) {
      const timeoutMs = durationOption(timeout);
      const {ended} = find(id);
      const timer = new AbortController();
      const limits = [this.signal, timer.signal].map(aborted);
      const timing = timeoutMs === undefined ? undefined : setTimeout(() => timer.abort(), timeoutMs);
      const end = await Promise.race([ended, ...limits]);
      clearTimeout(timing);
      return end && answer(end);
    },
    kill: (id, name) => find(id).kill(signalOf(name)),
    async write(id, text) {
      const problem = await find(id).write(
        typeof text === 'string' || text instanceof Uint8Array ? text : String(text),
      );
      return problem === undefined ? true : results(false, problem);
    },
    close_stdin(id) {
      find(id).closeInput();
      return true;
    },
    is_running: (id) => find(id).isAlive,
    abandon(id, forget) {
      const text = asText(id);
      const process = processes.get(text);
      if (!process) unwanted.add(text);
      process?.stop();
      if (forget === true) process?.ended.then(() => processes.delete(text));
    },
  };
}

function answer({stdout, stderr, exitCode, problem}: Ended): ReturnType<typeof results> {
  return results(stdout, stderr, exitCode, problem);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), {once: true});
  });
}

function signalOf(name: unknown): NodeJS.Signals {
  if (name === undefined) return 'SIGTERM';
  const wanted = asText(name).toUpperCase();
  const full = wanted.startsWith('SIG') ? wanted : `SIG${wanted}`;
  if (full in constants.signals) return full as NodeJS.Signals;
  throw new Error(`there is no signal '${asText(name)}'`);
}
