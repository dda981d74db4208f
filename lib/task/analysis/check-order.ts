import {type Condition, subjectsOf} from '../conditions/condition.js';
import type {PlannedTask, PlannedWorkflow} from '../plan.js';
import type {AnalysisContext} from './context.js';
import {endedBefore} from './plan-streams.js';

/**
 * Checks what the order of a workflow makes impossible: conditions over what is not decided when they are due, and tasks
 * that need one of a later stage.
 */
export function checkOrder(context: AnalysisContext, workflow: PlannedWorkflow, hasStages: boolean): void {
  new OrderCheck(context, workflow).check(hasStages);
}

class OrderCheck {
  readonly #context: AnalysisContext;
  readonly #workflow: PlannedWorkflow;
  readonly #tasks: ReadonlyMap<string, PlannedTask>;
  readonly #position: ReadonlyMap<string, number>;
  readonly #earlier = new Map<string, ReadonlySet<string>>();

  constructor(context: AnalysisContext, workflow: PlannedWorkflow) {
    this.#context = context;
    this.#workflow = workflow;
    this.#tasks = new Map(workflow.tasks.map((task) => [task.name, task]));
    this.#position = new Map(workflow.stages.map(({name}, index) => [name, index]));
  }

  check(hasStages: boolean): void {
    const {stages, tasks} = this.#workflow;
    if (hasStages) for (const task of tasks) this.#checkStages(task);
    for (const [index, {condition, name}] of stages.entries()) {
      if (condition) this.#checkDecided(condition.condition, `stage '${name}'`, index, new Set());
    }
    for (const task of tasks) {
      const conditions = [
        ...task.branches.map(({condition}) => condition),
        ...[...task.runIf, ...task.abortIf].flatMap((guard) => (guard.kind === 'expression' ? [guard.condition] : [])),
      ];
      if (conditions.length === 0) continue;
      const stage = task.stage === undefined ? 0 : (this.#position.get(task.stage) ?? 0);
      for (const condition of conditions)
        this.#checkDecided(condition, `task '${task.name}'`, stage, this.#before(task.name));
    }
  }

  // A task of a stage cannot wait for one of a later stage, which waits for its own.
  #checkStages(task: PlannedTask): void {
    const own = task.stage === undefined ? undefined : this.#position.get(task.stage);
    if (own === undefined) return;
    for (const name of task.dependsOn) {
      const other = this.#tasks.get(name);
      const later = other?.stage === undefined ? undefined : this.#position.get(other.stage);
      if (later !== undefined && later > own) {
        this.#context.problem(
          task,
          `task '${task.name}' of stage '${task.stage}' depends on '${name}' of the later stage '${other?.stage}'`,
        );
      }
    }
  }

  #checkDecided(condition: Condition, due: string, stage: number, before: ReadonlySet<string>): void {
    for (const subject of subjectsOf(condition.expression)) {
      const known = this.#workflow.subjects.get(subject);
      if (!known) {
        if (this.#context.file.named.has(subject))
          this.#undecided(condition, subject, due, `'${subject}' is not part of workflow '${this.#workflow.name}'`);
        continue;
      }
      if (known.kind === 'stage') {
        const position = this.#position.get(known.stage) ?? 0;
        if (position >= stage) this.#undecided(condition, subject, due, 'only earlier stages are');
        continue;
      }
      for (const name of known.tasks) {
        if (before.has(name)) continue;
        const task = this.#tasks.get(name);
        if (task?.background) this.#undecided(condition, subject, due, `'${name}' is async`);
        else if (!this.#endsBefore(task, stage)) {
          this.#undecided(
            condition,
            subject,
            due,
            `let it depend on '${name}', or put it into a later stage or a chain`,
          );
        }
      }
    }
  }

  #endsBefore(task: PlannedTask | undefined, stage: number): boolean {
    if (!task) return false;
    if (task.stage !== undefined) return (this.#position.get(task.stage) ?? 0) < stage;
    // Pulled in: it has ended when one of an earlier stage that needs it has.
    return this.#workflow.tasks.some(
      (other) =>
        other.stage !== undefined &&
        !other.background &&
        (this.#position.get(other.stage) ?? 0) < stage &&
        this.#before(other.name).has(task.name),
    );
  }

  #undecided({text, ...place}: Condition, subject: string, due: string, why: string): void {
    this.#context.problem(
      place,
      `${due}: the condition ${JSON.stringify(text)} asks for '${subject}', which is not decided by then: ${why}`,
    );
  }

  /** All that have ended when a task is due. */
  #before(name: string): ReadonlySet<string> {
    const known = this.#earlier.get(name);
    if (known) return known;
    const found = new Set<string>();
    const pending = [name];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const task = this.#tasks.get(next);
      for (const other of task ? endedBefore(task) : []) {
        if (found.has(other)) continue;
        found.add(other);
        pending.push(other);
      }
    }
    this.#earlier.set(name, found);
    return found;
  }
}
