import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeEach} from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order they came. */
  readonly output: string;
  readonly ms: number;
}

/** Called with all output so far, and with what sends a signal to the process. */
export type OnOutput = (output: string, kill: (signal: NodeJS.Signals) => void) => void;

/** A folder for one test file's scripts; commands run in it, and it is removed at the end. */
export class CommandLine {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sloth-cli-'));

  constructor() {
    afterAll(() => rmSync(this.folder, {recursive: true, force: true}));
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  /** Runs `sloth-runner` to its end. `onOutput` sees all output so far and may send signals. */
  run(args: readonly string[], onOutput?: OnOutput, variables?: Readonly<Record<string, string>>): Promise<Finished> {
    return this.#finish([process.execPath, main, ...args], onOutput, variables);
  }

  /** Runs a line of `sh`, in which `sloth-runner` is this one. */
  shell(line: string): Promise<Finished> {
    const define = `sloth-runner() { "${process.execPath}" "${main}" "$@"; }`;
    return this.#finish(['/bin/bash', '-c', `${define}\n${line}`]);
  }

  #finish(
    [command = '', ...args]: readonly string[],
    onOutput: OnOutput = () => {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const startedAt = performance.now();
    const env = {...process.env, FORCE_COLOR: '0', ...variables};
    const child = spawn(command, args, {cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe']});
    const texts = {stdout: '', stderr: '', output: ''};
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text;
        texts.output += text;
        onOutput(texts.output, (signal) => child.kill(signal));
      });
    }
    return new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({...texts, code, ms: performance.now() - startedAt}));
    });
  }

  /** Writes a script and runs it. */
  runText(name: string, content: string, ...args: string[]): Promise<Finished> {
    return this.run(['run', this.write(name, content), ...args]);
  }
}

/** A new folder in that of `line` for each test of the file. Answers how to ask for it. */
export function folderOfEachTest(line: CommandLine): () => string {
  let folder = '';
  let count = 0;
  beforeEach(() => {
    count += 1;
    folder = join(line.folder, String(count));
    mkdirSync(folder);
  });
  return () => folder;
}
