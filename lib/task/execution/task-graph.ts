import type {Outcome} from '../outcome.js';
import type {PlannedTask} from '../plan.js';

/** A task that cannot run any more, and the task because of which. */
export interface Doomed {
  readonly task: PlannedTask;
  readonly because: string;
}

/** What an end or an activation made of tasks. */
export interface Changes {
  readonly ready: readonly PlannedTask[];
  readonly doomed: readonly Doomed[];
  /** Tasks that have started with one that did not succeed. */
  readonly broken: readonly Doomed[];
}

interface Node {
  readonly task: PlannedTask;
  /** Edges whose other end has not ended. */
  missing: number;
  state: 'dormant' | 'waiting' | 'taken' | 'ended';
  doomedBy: string | undefined;
  /** What it streams from and that has begun. */
  readonly begun: Set<string>;
}

/** Which tasks may start. Knows the order only, neither how tasks run nor how many at a time. */
export class TaskGraph {
  readonly #nodes = new Map<string, Node>();
  readonly #dependents = new Map<string, Set<Node>>();

  constructor(tasks: readonly PlannedTask[]) {
    for (const task of tasks) {
      const before = new Set([...task.dependsOn, ...task.after, ...task.follows]);
      const node: Node = {task, missing: before.size, state: 'dormant', doomedBy: undefined, begun: new Set()};
      this.#nodes.set(task.name, node);
      for (const name of before) {
        const dependents = this.#dependents.get(name);
        if (dependents) dependents.add(node);
        else this.#dependents.set(name, new Set([node]));
      }
    }
  }

  /** Lets tasks run once what is before them has ended, and with them what they need. Answers what woke up. */
  activate(names: readonly string[]): readonly PlannedTask[] {
    const woken: PlannedTask[] = [];
    const pending = [...names].reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const node = this.#nodes.get(name);
      if (node?.state !== 'dormant') continue;
      node.state = 'waiting';
      woken.push(node.task);
      // What is pulled in only; what has a stage waits for its stage.
      for (const need of [...node.task.dependsOn].reverse()) {
        if (this.#nodes.get(need)?.task.stage === undefined) pending.push(need);
      }
    }
    return woken;
  }

  /** Of woken tasks, those that may start or cannot run any more, which are taken then. */
  take(tasks: readonly PlannedTask[]): Changes {
    const ready: PlannedTask[] = [];
    const doomed: Doomed[] = [];
    for (const {name} of tasks) this.#settle(this.#nodes.get(name), ready, doomed);
    return {ready, doomed, broken: []};
  }

  /** A taken task begins: those that read what it emits need not wait for it. */
  begin(name: string): Changes {
    const ready: PlannedTask[] = [];
    const doomed: Doomed[] = [];
    for (const node of this.#dependents.get(name) ?? []) {
      if (!node.task.streams.includes(name) || node.begun.has(name)) continue;
      node.begun.add(name);
      node.missing -= 1;
      this.#settle(node, ready, doomed);
    }
    return {ready, doomed, broken: []};
  }

  /** Takes a waiting task out of its turn; false when it is not waiting. */
  takeWaiting(name: string): boolean {
    const node = this.#nodes.get(name);
    if (node?.state !== 'waiting') return false;
    node.state = 'taken';
    return true;
  }

  /** A taken task ended. */
  end(name: string, outcome: Outcome): Changes {
    const ready: PlannedTask[] = [];
    const doomed: Doomed[] = [];
    const ended = this.#nodes.get(name);
    if (ended) ended.state = 'ended';
    const broken: Doomed[] = [];
    for (const node of this.#dependents.get(name) ?? []) {
      if (!node.begun.has(name)) node.missing -= 1;
      else if (node.state === 'taken' && outcome.kind !== 'succeeded') broken.push({task: node.task, because: name});
      if (node.doomedBy === undefined && dooms(node.task, name, outcome)) node.doomedBy = name;
      this.#settle(node, ready, doomed);
    }
    return {ready, doomed, broken};
  }

  #settle(node: Node | undefined, ready: PlannedTask[], doomed: Doomed[]): void {
    if (node?.state !== 'waiting') return;
    if (node.doomedBy !== undefined) {
      node.state = 'taken';
      doomed.push({task: node.task, because: node.doomedBy});
    } else if (node.missing === 0) {
      node.state = 'taken';
      ready.push(node.task);
    }
  }

  /** Tasks that wait, in the order of the plan. */
  waiting(): readonly PlannedTask[] {
    return [...this.#nodes.values()].filter(({state}) => state === 'waiting').map(({task}) => task);
  }

  /** Tasks that nobody let run. */
  dormant(): readonly PlannedTask[] {
    return [...this.#nodes.values()].filter(({state}) => state === 'dormant').map(({task}) => task);
  }

  /** Takes a dormant task. */
  takeDormant(name: string): void {
    const node = this.#nodes.get(name);
    if (node?.state === 'dormant') node.state = 'taken';
  }
}

// Whether a task cannot run after one before it ended so.
function dooms(task: PlannedTask, name: string, outcome: Outcome): boolean {
  if (outcome.kind === 'succeeded') return false;
  if (task.dependsOn.includes(name)) return true;
  const passedOver = outcome.kind === 'skipped' && (outcome.because === 'condition' || outcome.because === 'branch');
  return task.after.includes(name) && !passedOver;
}
