const identifier = /^[A-Za-z_$][\w$]*$/;
const longestText = 40;
const mostSteps = 16;
const key: unique symbol = Symbol('a key');

/** Where a packer stands in a graph of values, and how it got to each object. Only a failure asks. */
export class PackPath {
  /** What leads on from the current object: an index, a name, a key of a map. */
  step: unknown = undefined;
  #parent = -1;
  readonly #parents: number[] = [];
  readonly #steps: unknown[] = [];

  /** An object was met here; they are numbered from 0. */
  meet(): void {
    this.#parents.push(this.#parent);
    this.#steps.push(this.step);
  }

  /** From here on the object of that number is the current one. */
  enter(number: number): void {
    this.#parent = number;
    this.step = undefined;
  }

  /** What follows is a key of the current object. */
  enterKey(): void {
    this.step = key;
  }

  clear(): void {
    this.#parent = -1;
    this.step = undefined;
    this.#parents.length = 0;
    this.#steps.length = 0;
  }

  /** The path of the current place. `rootPath` names the values themselves. */
  describe(objects: readonly object[], rootPath: (index: number) => string): string {
    const steps: string[] = [];
    let parent = this.#parent;
    let {step} = this;
    while (parent >= 0) {
      if (step !== undefined) steps.unshift(describeStep(objects[parent], step));
      step = this.#steps[parent];
      parent = this.#parents[parent] ?? -1;
    }
    const shown = steps.length > mostSteps ? ['...', ...steps.slice(-mostSteps)] : steps;
    return (typeof step === 'number' ? rootPath(step) : 'values') + shown.join('');
  }
}

function describeStep(parent: unknown, step: unknown): string {
  if (step === key) return parent instanceof Set ? '<member>' : '<key>';
  if (typeof step === 'number' && !(parent instanceof Map)) return `[${step}]`;
  if (parent instanceof Map) return `.get(${describeKey(step)})`;
  const name = String(step);
  return identifier.test(name) && name.length <= longestText ? `.${name}` : `[${describeKey(name)}]`;
}

function describeKey(step: unknown): string {
  if (typeof step === 'string') {
    return JSON.stringify(step.length > longestText ? `${step.slice(0, longestText)}...` : step);
  }
  if (typeof step === 'object' && step !== null) return 'an object';
  return typeof step === 'symbol' || typeof step === 'function' ? `a ${typeof step}` : String(step);
}
