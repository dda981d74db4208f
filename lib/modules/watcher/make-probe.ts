import {readCommand} from '../exec/command.js';
import {type OptionShape, readRequired} from '../options.js';
import type {ModuleServices} from '../services.js';
import {directoryProbe, fileProbe, logProbe} from './file-probes.js';
import {commandProbe, cpuProbe, memoryProbe, portProbe, processProbe} from './machine-probes.js';
import {Edge, type Probe} from './probe.js';

/** What every watcher takes. */
const common = {name: 'string', interval: 'any', when: 'any', event: 'string'} as const satisfies OptionShape;

/** What a watcher of each kind can see: the last parts of the types of its events, and other words for them in `when`. */
export const wordsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  file: {created: 'created', modified: 'modified', changed: 'modified', deleted: 'deleted'},
  directory: {created: 'created', modified: 'modified', changed: 'modified', deleted: 'deleted'},
  process: {started: 'started', stopped: 'stopped'},
  port: {opened: 'opened', open: 'opened', closed: 'closed'},
  service: {started: 'started', active: 'started', stopped: 'stopped', inactive: 'stopped'},
  cpu: {high: 'high', above: 'high', normal: 'normal', below: 'normal'},
  memory: {high: 'high', above: 'high', normal: 'normal', below: 'normal'},
  log: {matched: 'matched'},
  command: {succeeded: 'succeeded', success: 'succeeded', failed: 'failed', failure: 'failed'},
  custom: {triggered: 'triggered', ended: 'ended'},
};

/** Told what the function of a `custom` watcher returned. */
export interface Judged extends Probe {
  judge(value: unknown): void;
}

/**
 * Makes what looks at one thing.
 *
 * @throws Error for options that are wrong or missing, and for what is not allowed.
 */
export async function makeProbe(kind: string, given: unknown, services: ModuleServices): Promise<Probe | Judged> {
  const {permissions} = services;
  const readable = (path: string): Promise<string> => permissions.checkPath('read', path);
  switch (kind) {
    case 'file':
    case 'directory': {
      const {path, check_hash} = readRequired(given, {...common, path: 'string', check_hash: 'boolean'}, ['path']);
      const make = kind === 'file' ? fileProbe : directoryProbe;
      return make(await readable(path), check_hash ?? false);
    }
    case 'log': {
      const {path, pattern} = readRequired(given, {...common, path: 'string', pattern: 'string'}, ['path', 'pattern']);
      return logProbe(await readable(path), pattern);
    }
    case 'process': {
      const {process, pid} = readRequired(given, {...common, process: 'string', pid: 'integer'}, []);
      await readable('/proc');
      if ((process === undefined) === (pid === undefined))
        throw new Error("options: one of 'process' and 'pid' expected");
      return processProbe(process ?? (pid as number));
    }
    case 'port': {
      const {port, host = '127.0.0.1'} = readRequired(given, {...common, port: 'integer', host: 'string'}, ['port']);
      if (port < 1 || port > 65_535) throw new Error(`option 'port': a port from 1 to 65535 expected, got ${port}`);
      permissions.checkNet(host, port);
      return portProbe(host, port);
    }
    case 'service': {
      const {service} = readRequired(given, {...common, service: 'string'}, ['service']);
      const command = await readCommand({command: ['systemctl', 'is-active', '--quiet', '--', service]}, services);
      return commandProbe(command, ['started', 'stopped'], {service});
    }
    case 'command': {
      const {command, timeout} = readRequired(given, {...common, command: 'any', timeout: 'any'}, ['command']);
      const spec = {command, ...(timeout !== undefined && {timeout})};
      const about = {command: Array.isArray(command) ? command.map(String) : String(command)};
      return commandProbe(await readCommand(spec, services), ['succeeded', 'failed'], about);
    }
    case 'cpu':
      return cpuProbe(thresholdOf(given));
    case 'memory':
      return memoryProbe(thresholdOf(given));
    default: {
      readRequired(given, common, []);
      return judgedProbe();
    }
  }
}

function thresholdOf(given: unknown): number {
  const {threshold} = readRequired(given, {...common, threshold: 'number'}, ['threshold']);
  if (threshold >= 0 && threshold <= 100) return threshold;
  throw new Error(`option 'threshold': a percentage from 0 to 100 expected, got ${threshold}`);
}

function judgedProbe(): Judged {
  const edge = new Edge('triggered', 'ended', false);
  let said: unknown;
  return {
    judge(value) {
      said = value;
    },
    async look() {
      const is = said !== undefined && said !== null && said !== false;
      return edge.changes(is, is ? {value: said as never} : {});
    },
  };
}
