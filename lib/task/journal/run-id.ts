import {randomBytes} from 'node:crypto';

/**
 * A new name for a run: date and time in UTC down to the millisecond, then chance, as `20260412-170301-250a4f`. Names sort
 * by time, and can be read aloud.
 */
export function newRunId(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  const digits = time.replaceAll(/[^\d]/g, '');
  return `${date.replaceAll('-', '')}-${digits.slice(0, 6)}-${digits.slice(6)}${randomBytes(2).toString('hex').slice(1)}`;
}

/** Whether text may be the name of a run. It becomes part of paths. */
export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[\da-f]{6}$/.test(text);
}
