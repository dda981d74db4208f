import {accessSync, constants, statSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {parseDuration} from '../../util/parse-duration.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {ModuleServices} from '../services.js';

/** A command as it will be started. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  /** Written to it; `open`: more comes later. */
  readonly input: string | Uint8Array | 'open' | undefined;
  /** Its output comes in lines, too. */
  readonly lines: boolean;
  /** Its output is kept for the result. */
  readonly capture: boolean;
}

// They would make an allowed program run code of another one.
const loaderVariables = /^(?:PATH|LD_.*|DYLD_.*|NODE_OPTIONS|BASH_ENV|ENV)$/;

/**
 * Reads what the Lua part gives of a command.
 *
 * @throws Error that names the option, what was expected and what came; or the permission that is missing.
 */
export async function readCommand(spec: unknown, services: ModuleServices): Promise<Command> {
  if (!isPlainObject(spec)) throw new Error('a command is a table');
  const {command, workdir, env, timeout, stdin, shell, lines, capture} = spec;
  const {file, args} = Array.isArray(command) ? fromList(command) : fromText(command, shell, services);
  if (shell !== undefined && Array.isArray(command))
    throw new Error("option 'shell' is for command lines; a list runs without a shell");
  const isRestricted = !services.permissions.allowsAll('exec');
  services.permissions.checkExec(Array.isArray(command) || shell !== undefined ? file : 'sh');
  return {
    file: isRestricted ? (findProgram(file, services.env['PATH']) ?? file) : file,
    args,
    cwd: workdir === undefined ? undefined : textOption('workdir', workdir),
    env: environment(env, services, isRestricted),
    timeoutMs: durationOption(timeout),
    input: stdin === true ? 'open' : stdin === undefined ? undefined : bytesOption('stdin', stdin),
    lines: lines === true,
    capture: lines !== true || capture === true,
  };
}

/** Milliseconds of a duration that a program gave, or nothing for none. */
export function durationOption(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value instanceof Uint8Array ? asText(value) : value);
  if (ms !== undefined || value === Number.POSITIVE_INFINITY) return ms;
  throw new Error(
    `timeout: a number of seconds or a duration such as "10s" expected, got ${JSON.stringify(value) ?? String(value)}`,
  );
}

function fromList(list: readonly unknown[]): {file: string; args: readonly string[]} {
  const [file = '', ...args] = list.map((item, index) => {
    if (typeof item === 'number' || typeof item === 'bigint') return String(item);
    const text = typeof item === 'string' || item instanceof Uint8Array ? asText(item) : undefined;
    if (text === undefined)
      throw new Error(`command: string expected at ${index + 1} of the list, got ${kindOf(item)}`);
    if (text.includes('\0')) throw new Error(`command: a zero byte stands in ${index + 1} of the list`);
    return text;
  });
  if (file === '') throw new Error('command: a list begins with the name of a program');
  return {file, args};
}

function fromText(command: unknown, shell: unknown, services: ModuleServices): {file: string; args: readonly string[]} {
  // An empty table comes as an object, as one with names does.
  if (isPlainObject(command)) throw new Error('command: a list begins with the name of a program');
  const line = textOption('command', command);
  const file = shell === undefined ? defaultShell(services) : textOption('shell', shell);
  return {file, args: ['-c', line]};
}

// What existing scripts expect; where it is missing, what every system has.
function defaultShell(services: ModuleServices): string {
  return services.shared('default shell', () => findProgram('bash', services.env['PATH']) ?? '/bin/sh');
}

function findProgram(name: string, path = ''): string | undefined {
  if (name.includes('/')) return name;
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder || '.', name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // It is not there.
    }
  }
  return undefined;
}

function environment(
  given: unknown,
  services: ModuleServices,
  isRestricted: boolean,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(services.env)) {
    if (value !== undefined) env[name] = value;
  }
  if (given === undefined) return env;
  if (!isPlainObject(given))
    throw new Error(`option 'env': a table of names and values expected, got ${kindOf(given)}`);
  for (const [name, value] of Object.entries(given)) {
    if (name === '' || /[=\0]/.test(name))
      throw new Error(`option 'env': ${JSON.stringify(name)} is no name of a variable`);
    if (isRestricted && loaderVariables.test(name)) {
      throw new Error(`option 'env': setting ${name} needs --allow-exec for every program`);
    }
    if (value === false) delete env[name];
    else env[name] = textOption(`env.${name}`, typeof value === 'number' || value === true ? String(value) : value);
  }
  return env;
}

function textOption(name: string, value: unknown): string {
  const text = typeof value === 'string' || value instanceof Uint8Array ? asText(value) : undefined;
  if (text === undefined) throw new Error(`option '${name}': string expected, got ${kindOf(value)}`);
  if (text.includes('\0')) throw new Error(`option '${name}': a zero byte is not allowed`);
  return text;
}

function bytesOption(name: string, value: unknown): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw new Error(`option '${name}': string expected, got ${kindOf(value)}`);
}

/** How Lua calls the type of a value. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  return typeof value === 'object' ? 'table' : typeof value;
}
