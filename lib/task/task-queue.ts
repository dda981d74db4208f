import type {PlannedTask} from './plan.js';

/** A task that will not run because one it depends on did not succeed. */
export interface Skipped {
  readonly task: PlannedTask;
  readonly because: string;
}

/** Which tasks may start now. Knows the order only, neither how tasks run nor how many at a time. */
export class TaskQueue {
  readonly #ready: PlannedTask[] = [];
  /** Tasks not taken yet, with the number of dependencies that have not succeeded. */
  readonly #missing = new Map<PlannedTask, number>();
  readonly #dependents = new Map<string, PlannedTask[]>();

  constructor(tasks: readonly PlannedTask[]) {
    for (const task of tasks) {
      this.#missing.set(task, task.dependsOn.length);
      if (task.dependsOn.length === 0) this.#ready.push(task);
      for (const name of task.dependsOn) this.#dependents.set(name, [...this.#dependentsOf(name), task]);
    }
  }

  /** The next task that may start, which is out of the queue then. */
  take(): PlannedTask | undefined {
    const task = this.#ready.shift();
    if (task) this.#missing.delete(task);
    return task;
  }

  /** A taken task succeeded. */
  succeed(name: string): void {
    for (const dependent of this.#dependentsOf(name)) {
      const missing = this.#missing.get(dependent);
      if (missing === undefined) continue;
      this.#missing.set(dependent, missing - 1);
      if (missing === 1) this.#ready.push(dependent);
    }
  }

  /** A taken task did not succeed: takes out and returns all that need it, directly or not. */
  fail(name: string): Skipped[] {
    const skipped: Skipped[] = [];
    const pending = [name];
    for (let because = pending.shift(); because !== undefined; because = pending.shift()) {
      for (const task of this.#dependentsOf(because)) {
        if (!this.#missing.delete(task)) continue;
        skipped.push({task, because});
        pending.push(task.name);
      }
    }
    return skipped;
  }

  /** Takes out and returns everything that has not been taken. */
  drain(): PlannedTask[] {
    const left = [...this.#missing.keys()];
    this.#missing.clear();
    this.#ready.length = 0;
    return left;
  }

  #dependentsOf(name: string): readonly PlannedTask[] {
    return this.#dependents.get(name) ?? [];
  }
}
