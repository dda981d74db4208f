import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import {kindOf} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';
import type {Message} from './message.js';

const longestMs = 60_000;

/**
 * Runs a command line, or a list without a shell, with the message in its environment (SLOTH_NOTIFY_TYPE, _TITLE, _MESSAGE) and
 * as JSON on its standard input.
 */
export async function runNotifyCommand(
  settings: Sendable,
  {type, title, text, fields}: Message,
  {permissions, env}: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const words = typeof settings === 'string' ? ['sh', '-c', settings] : settings;
  if (!Array.isArray(words) || words.length === 0 || !words.every((word) => typeof word === 'string')) {
    throw new TypeError(`notifications: command must be a command line or a list of texts, got ${kindOf(settings)}`);
  }
  const [program = '', ...rest] = words.map(asText);
  permissions.checkExec(program);
  const {execa} = await import('execa');
  const {failed, message, exitCode, stderr} = await execa(program, rest, {
    env: {...env, SLOTH_NOTIFY_TYPE: type, SLOTH_NOTIFY_TITLE: title ?? '', SLOTH_NOTIFY_MESSAGE: text},
    extendEnv: false,
    input: JSON.stringify({type, title, message: text, fields}),
    timeout: longestMs,
    cancelSignal: signal,
    reject: false,
    maxBuffer: 1_000_000,
  });
  if (failed)
    throw new Error(`command: ${exitCode === undefined ? message : stderr.trim() || `exit code ${exitCode}`}`);
}
