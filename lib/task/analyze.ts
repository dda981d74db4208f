import {didYouMean} from '../util/did-you-mean.js';
import {parseDuration} from '../util/parse-duration.js';
import type {FileDescription, TaskDescription, TaskReference, WorkflowDescription} from './description.js';
import {findCycles} from './find-cycles.js';
import type {Action, Plan, PlannedTask, PlannedWorkflow} from './plan.js';
import type {Place, Problem} from './problem.js';

/** A plan, or everything that stands in its way. */
export interface Analysis {
  readonly problems: readonly Problem[];
  /** Suspicious, yet it can run. */
  readonly warnings: readonly Problem[];
  /** Only without problems. */
  readonly plan: Plan | undefined;
}

/**
 * Checks a file's definitions against each other and lays out what runs. Runs nothing.
 *
 * @param defaultName names the workflow of a file that defines only tasks.
 */
export function analyze(description: FileDescription, defaultName: string): Analysis {
  return new Analyzer(description).analyze(defaultName);
}

class Analyzer {
  readonly #description: FileDescription;
  readonly #problems: Problem[];
  readonly #byName = new Map<string, TaskDescription>();
  readonly #byId = new Map<number, TaskDescription>();
  readonly #dependencies = new Map<TaskDescription, TaskDescription[]>();

  constructor(description: FileDescription) {
    this.#description = description;
    this.#problems = [...description.problems];
  }

  analyze(defaultName: string): Analysis {
    const {tasks, workflows} = this.#description;
    this.#nameAll(tasks, 'task');
    this.#nameAll(workflows, 'workflow');
    for (const task of tasks) this.#checkTask(task);
    for (const cycle of findCycles(tasks, (task) => this.#needs(task))) this.#reportCycle(cycle);
    const chosen = workflows.map((workflow) => ({workflow, tasks: this.#membersOf(workflow)}));
    for (const {workflow} of chosen) this.#checkConfig(workflow);
    const problems = inFileOrder(this.#problems);
    if (problems.length > 0) return {problems, warnings: [], plan: undefined};
    const planned =
      workflows.length > 0
        ? chosen.map(({workflow, tasks: members}) => this.#planWorkflow(workflow, members))
        : [this.#planWorkflow(implicitWorkflow(defaultName), tasks)];
    return {problems, warnings: workflows.length > 0 ? this.#unused(planned) : [], plan: {workflows: planned}};
  }

  #nameAll(things: readonly (TaskDescription | WorkflowDescription)[], kind: 'task' | 'workflow'): void {
    const first = new Map<string, Place>();
    for (const thing of things) {
      const earlier = first.get(thing.name);
      if (earlier) this.#report(thing, `${kind} '${thing.name}' is already defined at ${earlier.file}:${earlier.line}`);
      else first.set(thing.name, thing);
      if (!('dependsOn' in thing)) continue;
      this.#byId.set(thing.id, thing);
      if (!earlier) this.#byName.set(thing.name, thing);
    }
  }

  #checkTask(task: TaskDescription): void {
    const {name, file, dependsOn, shell, commandLine} = task;
    const found = dependsOn.map((reference) => this.#resolve(reference, `task '${name}' depends on`));
    this.#dependencies.set(task, [...new Set(found.filter((other) => other !== undefined))]);
    if (commandLine === undefined && dependsOn.length === 0) this.#report(task, `task '${name}' has no command`);
    if (task.timeout !== undefined && !parseDuration(task.timeout)) {
      const message = `task '${name}': ${JSON.stringify(task.timeout)} is no duration; write "500ms", "10s", "1h30m" or seconds`;
      this.#report({file, line: task.timeoutLine}, message);
    }
    const placeholder = shell && /\$\{(?:params|values|env|deps)\.[^}]*\}/.exec(shell)?.[0];
    if (placeholder) {
      this.#report(
        {file, line: commandLine ?? 0},
        `task '${name}': '${placeholder}' in a command is not supported yet`,
      );
    }
  }

  #checkConfig({name, file, configLine: line, config}: WorkflowDescription): void {
    const {timeout, max_parallel_tasks: most} = config;
    if (timeout !== undefined && !parseDuration(timeout)) {
      this.#report({file, line}, `workflow '${name}': 'config.timeout': ${JSON.stringify(timeout)} is no duration`);
    }
    if (most !== undefined && !(Number.isInteger(most) && Number(most) >= 1)) {
      this.#report({file, line}, `workflow '${name}': 'config.max_parallel_tasks' must be a positive integer`);
    }
  }

  #membersOf(workflow: WorkflowDescription): TaskDescription[] {
    const {name, tasks} = workflow;
    if (tasks.length === 0) this.#report(workflow, `workflow '${name}' has no tasks`);
    const found = tasks.map((reference) => this.#resolve(reference, `workflow '${name}' names`));
    return [...new Set(found.filter((task) => task !== undefined))];
  }

  // A reference to a definition without a name resolves to nothing; that one was reported where it stands.
  #resolve(reference: TaskReference, subject: string): TaskDescription | undefined {
    const {id, name} = reference;
    const task = id === undefined ? this.#byName.get(name) : this.#byId.get(id);
    if (task || name === '?') return task;
    const guess = didYouMean(name, this.#byName.keys());
    this.#report(reference, `${subject} unknown task '${name}'${guess ? ` (did you mean '${guess}'?)` : ''}`);
    return undefined;
  }

  #needs(task: TaskDescription): readonly TaskDescription[] {
    return this.#dependencies.get(task) ?? [];
  }

  #reportCycle(cycle: readonly TaskDescription[]): void {
    const [first] = cycle;
    if (!first) return;
    const path = [...cycle, first].map((task) => `'${task.name}'`).join(' -> ');
    const place = first.dependsOn.find(({id, name}) => (id ? id === cycle[1]?.id : name === cycle[1]?.name)) ?? first;
    this.#report(place, `tasks depend on each other: ${path}`);
  }

  #planWorkflow(workflow: WorkflowDescription, members: readonly TaskDescription[]): PlannedWorkflow {
    const {config} = workflow;
    return {
      name: workflow.name,
      description: workflow.description,
      version: workflow.version,
      tasks: this.#inOrder(members).map((task) => this.#planTask(task)),
      timeoutMs: parseDuration(config['timeout']),
      maxParallel: config['max_parallel_tasks'] as number | undefined,
      failFast: config['fail_fast'] === true,
      onStart: workflow.onStart,
      onComplete: workflow.onComplete,
    };
  }

  // Members and all they need, dependencies first. There are no cycles any more.
  #inOrder(members: readonly TaskDescription[]): TaskDescription[] {
    const ordered = new Set<TaskDescription>();
    const pending = [...members].reverse();
    for (let task = pending.at(-1); task; task = pending.at(-1)) {
      const missing = this.#needs(task).filter((other) => !ordered.has(other));
      if (ordered.has(task) || missing.length === 0) {
        ordered.add(task);
        pending.pop();
      } else {
        pending.push(...missing.reverse());
      }
    }
    return [...ordered];
  }

  #planTask(task: TaskDescription): PlannedTask {
    return {
      name: task.name,
      description: task.description,
      dependsOn: this.#needs(task).map((other) => other.name),
      timeoutMs: parseDuration(task.timeout),
      action: actionOf(task),
    };
  }

  #unused(planned: readonly PlannedWorkflow[]): Problem[] {
    const used = new Set(planned.flatMap(({tasks}) => tasks.map(({name}) => name)));
    return this.#description.tasks
      .filter(({name}) => !used.has(name))
      .map(({name, file, line}) => ({file, line, message: `task '${name}' is in no workflow and does not run`}));
  }

  #report({file, line}: Place, message: string): void {
    this.#problems.push({file, line, message});
  }
}

function actionOf({body, takes = 'this', shell}: TaskDescription): Action {
  if (body) return {kind: 'function', body, takes};
  return shell === undefined ? {kind: 'none'} : {kind: 'shell', command: shell};
}

function implicitWorkflow(name: string): WorkflowDescription {
  const nothing = {description: undefined, version: undefined, onStart: undefined, onComplete: undefined};
  return {...nothing, name, file: '', line: 0, tasks: [], config: {}, configLine: 0};
}

function inFileOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line);
}
