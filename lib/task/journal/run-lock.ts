import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {SlothError} from '../../errors.js';

/** Who works on something: a process of one boot of one machine. */
interface Owner {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** When the process started, as the kernel counts: process ids are used again. */
  readonly started: string;
}

let serial = 0;

/**
 * Makes this process the only one that works on `name`; returns what gives it back. Everybody writes a file of their own
 * first and looks at the others afterwards, so of two that try at once at least one sees the other. What dead processes
 * left is removed.
 *
 * @throws SlothError `E_FILE` when a living process has it.
 */
export function lockRun(folder: string, name: string): () => void {
  mkdirSync(folder, {recursive: true, mode: 0o700});
  const me = self();
  serial += 1;
  const file = `${name}.${me.pid}-${serial}.lock`;
  const path = join(folder, file);
  const release = (): void => rmSync(path, {force: true});
  writeFileSync(path, JSON.stringify(me), {flag: 'w', mode: 0o600});
  for (const other of readdirSync(folder)) {
    if (other === file || !isLockOf(other, name)) continue;
    const owner = readOwner(join(folder, other));
    if (owner && isAlive(owner)) {
      release();
      throw new SlothError('E_FILE', `${name} is being worked on by ${describe(owner)}; wait for its end, or end it`);
    }
    rmSync(join(folder, other), {force: true});
  }
  return release;
}

/** Whether a living process has `name`. */
export function isLocked(folder: string, name: string): boolean {
  let files: readonly string[];
  try {
    files = readdirSync(folder);
  } catch {
    return false;
  }
  return files.some((file) => {
    const owner = isLockOf(file, name) ? readOwner(join(folder, file)) : undefined;
    return owner !== undefined && isAlive(owner);
  });
}

function isLockOf(file: string, name: string): boolean {
  return file.startsWith(`${name}.`) && /^\.\d+-\d+\.lock$/.test(file.slice(name.length));
}

// A file that is gone or not whole has no owner: who wrote it died meanwhile, or will look at ours.
function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive({host, boot, pid, started}: Owner): boolean {
  if (host !== hostname()) return true;
  return boot === bootOf() && startedAt(pid) === started;
}

function describe({host, pid}: Owner): string {
  return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
}

function self(): Owner {
  return {host: hostname(), boot: bootOf(), pid: process.pid, started: startedAt(process.pid) ?? ''};
}

function bootOf(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

// Field 22 of /proc/<pid>/stat (proc(5)); the second field may contain blanks and parentheses. A zombie is dead.
function startedAt(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
