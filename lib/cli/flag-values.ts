import {InvalidArgumentError} from 'commander';
import {parseDuration} from '../util/parse-duration.js';

export function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > 1024)
    throw new InvalidArgumentError('Give a number from 1 to 1024.');
  return workers;
}

export function parseRuns(text: string): number {
  const runs = Number(text);
  if (!/^\d+$/.test(text) || runs < 1 || !Number.isSafeInteger(runs))
    throw new InvalidArgumentError('Give a number of runs.');
  return runs;
}

export function parseTimeout(text: string): number {
  const timeoutMs = parseDuration(text);
  if (!timeoutMs) throw new InvalidArgumentError('Give a duration such as 500ms, 10s, 5m or 1h30m.');
  return timeoutMs;
}

export function parseSeed(text: string): bigint {
  if (!/^-?(?:\d+|0x[\da-f]+)$/i.test(text)) throw new InvalidArgumentError('Give an integer.');
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('Give a positive number.');
  return count;
}
