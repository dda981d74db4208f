import {readdirSync, readFileSync} from 'node:fs';

/** What a process group uses. */
export interface GroupUsage {
  /** Processes that live; those that have ended and wait to be collected do not count. */
  readonly processes: number;
  /** Resident memory of all of them. */
  readonly residentBytes: number;
}

const pageBytes = 4096;

/** Looks at the processes of a group. @see proc(5), /proc/pid/stat */
export function usageOfGroup(group: number): GroupUsage {
  let processes = 0;
  let residentBytes = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat?.group !== group || stat.state === 'Z' || stat.state === 'X') continue;
    processes += 1;
    residentBytes += stat.residentPages * pageBytes;
  }
  return {processes, residentBytes};
}

function statOf(
  pid: string,
): {readonly state: string; readonly group: number; readonly residentPages: number} | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may contain anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {state: fields[0] ?? '', group: Number(fields[2]), residentPages: Number(fields[21])};
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
