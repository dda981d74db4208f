import {createInterface, type Interface} from 'node:readline';
import {luaVersion} from '../lua-version.js';
import {Permissions} from '../modules/permissions.js';
import {standardModules} from '../modules/standard-modules.js';
import {Runtime} from '../runtime.js';
import {packageInfo} from '../util/package-info.js';
import {SecretMask} from '../util/secret-mask.js';
import {asText} from '../util/text-of.js';
import {exitCode} from './exit-code.js';
import {type Palette, paletteFor} from './palette.js';
import {historyPath, readHistory, writeHistory} from './repl/history-file.js';
import {type Answer, Session} from './repl/session.js';

const prompts = {first: '> ', more: '>> '};

/** A Lua prompt; resolves to the exit code. Where standard input is no terminal it evaluates line by line, without a prompt. */
export async function replCommand(): Promise<number> {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const path = isTerminal ? historyPath(process.env) : '';
  let prompt: Prompt | undefined;
  const show = (write: () => void): void => (prompt ? prompt.above(write) : write());
  const mask = new SecretMask();
  const shown = (text: string | Uint8Array): string | Uint8Array => (mask.isEmpty ? text : mask.text(asText(text)));
  await using runtime = new Runtime({
    modules: standardModules({
      permissions: Permissions.all(),
      secrets: {find: () => undefined, given: (secret) => mask.add(secret)},
    }),
    stdout: (text) => show(() => process.stdout.write(shown(text))),
    stderr: (text) => show(() => process.stderr.write(shown(text))),
  });
  const palette = paletteFor(process.stdout);
  const session = await Session.start(runtime, (message) =>
    show(() => process.stderr.write(`${palette.bad('error:')} ${message}\n`)),
  );
  // Not earlier: lines that come before anybody listens are lost.
  const lines = createInterface({
    input: process.stdin,
    output: isTerminal ? process.stdout : undefined,
    terminal: isTerminal,
    prompt: prompts.first,
    history: readHistory(path),
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (text: string, answer: Completed) => void prompt?.complete(text, answer),
  });
  lines.on('history', (history: string[]) => writeHistory(path, history));
  prompt = new Prompt(lines, session, {palette, isTerminal, mask});
  return await prompt.run();
}

interface Display {
  readonly palette: Palette;
  readonly isTerminal: boolean;
  readonly mask: SecretMask;
}

type Completed = (error: null, result: [string[], string]) => void;

class Prompt {
  readonly #lines: Interface;
  readonly #session: Session;
  readonly #palette: Palette;
  readonly #isTerminal: boolean;
  readonly #mask: SecretMask;
  /** Lines that are no whole statement yet. */
  #text = '';
  #isWaiting = false;
  #code: number = exitCode.ok;

  constructor(lines: Interface, session: Session, {palette, isTerminal, mask}: Display) {
    this.#lines = lines;
    this.#session = session;
    this.#palette = palette;
    this.#isTerminal = isTerminal;
    this.#mask = mask;
  }

  async run(): Promise<number> {
    if (this.#isTerminal) process.stdout.write(this.#palette.quiet(`${greeting()}\n`));
    this.#lines.on('SIGINT', () => this.#interrupt());
    this.#ask();
    for await (const line of this.#lines) {
      this.#isWaiting = false;
      if (await this.#enter(line)) return this.#code;
      this.#ask();
    }
    this.#isWaiting = false;
    if (this.#text !== '') this.#say('syntax', 'the input ends in the middle of a statement');
    if (!this.#isTerminal) await this.#session.settled();
    else process.stdout.write('\n');
    return this.#code;
  }

  /** Writes above the prompt, which stays at the bottom with what is typed there. */
  above(write: () => void): void {
    if (!this.#isWaiting || !this.#isTerminal) {
      write();
      return;
    }
    process.stdout.write('\r\x1b[K');
    write();
    this.#lines.prompt(true);
  }

  async complete(text: string, answer: Completed): Promise<void> {
    const found = await this.#session.complete(text).catch(() => []);
    answer(null, [[...found], /[\w.:]*$/.exec(text)?.[0] ?? '']);
  }

  // Answers whether the prompt is over.
  async #enter(line: string): Promise<boolean> {
    const text = this.#text === '' ? line : `${this.#text}\n${line}`;
    if (text.trim() === '') return false;
    const answer = await this.#session.evaluate(text);
    this.#text = answer.kind === 'incomplete' ? text : '';
    return this.#show(answer);
  }

  #show(answer: Answer): boolean {
    switch (answer.kind) {
      case 'exit':
        this.#code = answer.code;
        return true;
      case 'values':
        if (answer.text !== '') process.stdout.write(`${this.#mask.text(answer.text)}\n`);
        return false;
      case 'incomplete':
        return false;
      default:
        this.#say(answer.kind, answer.message);
        return false;
    }
  }

  // At a terminal a mistake is no failure of the whole.
  #say(kind: 'error' | 'syntax', message: string): void {
    if (!this.#isTerminal) this.#code = kind === 'syntax' ? exitCode.syntax : exitCode.luaError;
    process.stderr.write(`${this.#palette.bad('error:')} ${this.#mask.text(message)}\n`);
  }

  #interrupt(): void {
    if (this.#session.interrupt()) return;
    process.stdout.write('\n');
    if (this.#text === '') process.stdout.write(this.#palette.quiet('(Ctrl-D ends)\n'));
    this.#text = '';
    this.#ask();
  }

  #ask(): void {
    if (!this.#isTerminal) return;
    this.#isWaiting = true;
    this.#lines.setPrompt(this.#text === '' ? prompts.first : prompts.more);
    this.#lines.prompt();
  }
}

function greeting(): string {
  return `sloth-runner ${packageInfo().version}, ${luaVersion()}; Ctrl-D ends`;
}
