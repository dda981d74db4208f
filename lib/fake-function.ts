import type {HostAnswer, HostCall} from './host-function.js';
import type {Sendable} from './sendable.js';

/** One call that Lua made of a {@link FakeFunction}. */
export interface FakeCall {
  /** What Lua passed. */
  readonly args: readonly Sendable[];
  /** Aborts when the goroutine that called was cancelled. */
  readonly signal: AbortSignal;
}

/** A host function for tests; made by {@link fakeFunction}. */
export interface FakeFunction {
  (this: HostCall, ...args: Sendable[]): Promise<HostAnswer>;
  /** The calls so far, in order. */
  readonly calls: readonly FakeCall[];
  /** Answers the next call that has no answer with these values; each use is for one call. */
  answer(value?: HostAnswer): FakeFunction;
  /** Fails the next call that has no answer. */
  fail(error: unknown): FakeFunction;
  /** Resolves to the call of that number, from 1, as soon as Lua has made it. */
  called(number: number): Promise<FakeCall>;
}

type Answer = {readonly value: HostAnswer} | {readonly error: unknown};

/**
 * Makes a host function that notes how it is called. It answers each call with what was prepared for it, in order; then with what
 * `fallback` gives; without a fallback a call waits until there is an answer for it.
 *
 * @example
 * ```ts
 * const fetchTitle = fakeFunction().answer('first').fail(new Error('offline'));
 * const runtime = createTestRuntime();
 * const source = 'local title = fetch("a") local ok, e = pcall(fetch, "b") return title, tostring(e)';
 * console.log(await runtime.run(source, {globals: {fetch: fetchTitle}})); // [ 'first', 'offline' ]
 * console.log(fetchTitle.calls.map(({args}) => args[0])); // [ 'a', 'b' ]
 * await runtime.close();
 * ```
 */
export function fakeFunction(fallback?: (...args: Sendable[]) => HostAnswer | Promise<HostAnswer>): FakeFunction {
  const calls: FakeCall[] = [];
  const answers: Answer[] = [];
  const unanswered: ((answer: Answer) => void)[] = [];
  const watchers: {readonly number: number; readonly resolve: (call: FakeCall) => void}[] = [];

  async function fake(this: HostCall, ...args: Sendable[]): Promise<HostAnswer> {
    const call = {args, signal: this.signal};
    calls.push(call);
    for (const watcher of watchers.filter(({number}) => number === calls.length)) watcher.resolve(call);
    const prepared = answers.shift();
    if (!prepared && fallback) return fallback(...args);
    const answer = prepared ?? (await nextAnswer(this.signal));
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  function nextAnswer(signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve) => {
      unanswered.push(resolve);
      signal.addEventListener('abort', () => {
        const index = unanswered.indexOf(resolve);
        if (index >= 0) unanswered.splice(index, 1);
        resolve({error: signal.reason});
      });
    });
  }

  function prepare(answer: Answer): FakeFunction {
    const waiting = unanswered.shift();
    if (waiting) waiting(answer);
    else answers.push(answer);
    return self;
  }

  const self: FakeFunction = Object.assign(fake, {
    calls,
    answer: (value?: HostAnswer) => prepare({value}),
    fail: (error: unknown) => prepare({error}),
    called: (number: number) => {
      const call = calls[number - 1];
      if (call) return Promise.resolve(call);
      return new Promise<FakeCall>((resolve) => void watchers.push({number, resolve}));
    },
  });
  return self;
}
