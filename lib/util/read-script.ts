import {readFile} from 'node:fs/promises';
import {extname} from 'node:path';
import {stdin} from 'node:process';
import {buffer} from 'node:stream/consumers';
import {SlothError} from './sloth-error.js';

/** A file as it is handed to Lua. */
export interface Script {
  readonly path: string;
  /** Without byte order mark, its first line emptied if it starts with `#`. */
  readonly source: Uint8Array;
  readonly chunkName: string;
  /** `task` for `.sloth` files. */
  readonly dialect: 'lua' | 'task';
}

const newline = 0x0a;
const hash = 0x23;
const bytecodeMark = 0x1b;

/**
 * Reads a script; the path `-` is standard input.
 *
 * @throws SlothError `E_FILE` when it is missing, a directory, not readable, or compiled Lua; `E_ABORTED`.
 */
export async function readScript(path: string, signal?: AbortSignal): Promise<Script> {
  const bytes = await readBytes(path, signal);
  if (bytes[0] === bytecodeMark) throw fileError(`${path} is compiled Lua; only Lua source is run`);
  const chunkName = path === '-' ? '=stdin' : `@${path}`;
  const dialect = extname(path).toLowerCase() === '.sloth' ? 'task' : 'lua';
  return {path, source: withoutHashLine(withoutMark(bytes)), chunkName, dialect};
}

async function readBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (path.includes('\0')) throw fileError(`a path cannot contain NUL: ${JSON.stringify(path)}`);
  try {
    return path === '-' ? await buffer(stdin) : await readFile(path, {signal});
  } catch (error) {
    if (signal?.aborted) throw new SlothError('E_ABORTED', `reading ${path} was cancelled`, {cause: signal.reason});
    throw fileError(describe(path, error), error);
  }
}

function describe(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${path}: no such file`;
  if (code === 'EISDIR') return `${path} is a directory; name a file`;
  if (code === 'EACCES') return `${path}: permission denied`;
  return `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`;
}

function fileError(message: string, cause?: unknown): SlothError {
  return new SlothError('E_FILE', message, {cause});
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

// The line's end stays, so that line numbers are those of the file.
function withoutHashLine(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== hash) return bytes;
  const end = bytes.indexOf(newline);
  return end === -1 ? new Uint8Array() : bytes.subarray(end);
}
