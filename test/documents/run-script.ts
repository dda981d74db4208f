import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const blocks = new URL('./blocks/', import.meta.url);

/** What a finished run left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order they came. */
  readonly output: string;
  readonly ms: number;
}

/** What a test puts around a block of a document, and how it is run. */
export interface Driver {
  /** Stands before the block on its first line, so that the block's lines keep their numbers. */
  readonly before?: string;
  /** Stands behind the block, on lines of its own. */
  readonly after?: string;
  /** Takes the place of parts of the block; each part must be there. */
  readonly replace?: Readonly<Record<string, string>>;
  /** A task file or a script. Default: `lua`. */
  readonly as?: 'lua' | 'sloth';
  readonly flags?: readonly string[];
  /** Joins the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `sloth-runner run` on a file of this name and text, in a folder of its own, to its end. */
export async function runText(
  name: string,
  text: string,
  flags: readonly string[] = [],
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const folder = await mkdtemp(join(tmpdir(), 'sloth-document-'));
  try {
    await writeFile(join(folder, name), text);
    return await runIn(folder, [...flags, name, ...words], env);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** Runs block `number` of a document, as it stands there but for the driver. */
export async function runBlock(number: string, driver: Driver = {}): Promise<Finished> {
  return runText(`${number}.${driver.as ?? 'lua'}`, await blockText(number, driver), driver.flags, [], driver.env);
}

/** The text of a block with its driver around it. */
export async function blockText(number: string, {before = '', after = '', replace = {}}: Driver = {}): Promise<string> {
  let text = await readFile(new URL(`${number}.lua`, blocks), 'utf8');
  for (const [part, other] of Object.entries(replace)) {
    if (!text.includes(part)) throw new Error(`block ${number} has no '${part}'`);
    text = text.replaceAll(part, other);
  }
  if (before.includes('\n')) throw new Error('a driver in front of a block has one line');
  return `${before && `${before} `}${text}${after}\n`;
}

/** Runs `sloth-runner run` with these arguments in a folder. */
export const runIn = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> => runNode([main, 'run', ...args], folder, env);

/** Runs Node with these arguments to its end. */
export function runNode(
  args: readonly string[],
  folder: string = process.cwd(),
  more: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const startedAt = performance.now();
  const env = {...process.env, FORCE_COLOR: '0', ...more};
  const child = spawn(process.execPath, args, {cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe']});
  const texts = {stdout: '', stderr: '', output: ''};
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
      texts.output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({...texts, code, ms: performance.now() - startedAt}));
  });
}

/** The lines of a text that are not empty. */
export const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);

/** What `log` was told, without time and level, in order; lines of the task reporter are left out. */
export const loggedIn = (text: string): string[] =>
  linesOf(text).flatMap((line) => /^\d\d:\d\d:\d\d\.\d{3} [A-Z]+ +(.*)$/.exec(line)?.[1] ?? []);

/** `of(1), of(2), ...` up to `count`. */
export const numbered = <T>(count: number, of: (number: number) => T): T[] =>
  Array.from({length: count}, (_, index) => of(index + 1));

/** The first group of each line that matches, in order. */
export const matches = (lines: readonly string[], pattern: RegExp): string[] =>
  lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
