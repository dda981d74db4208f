import type {Condition} from '../conditions/condition.js';
import type {FailureMode, PlannedStage, PlannedTask, PlannedWorkflow, Saga, Subject} from '../plan.js';
import type {Place} from '../problem.js';
import type {StageDescription, TaskDescription, WhenItem, WorkflowDescription} from '../reading/description.js';
import {failureModes} from '../schema/workflow-keys.js';
import {checkedCondition} from './check-conditions.js';
import {checkOrder} from './check-order.js';
import {checkedCommand, checkedTemplate} from './check-templates.js';
import type {AnalysisContext} from './context.js';
import {findCycles} from './find-cycles.js';
import {ItemPlacer, type ItemSurroundings, plannedPlacement} from './place-items.js';
import {planSaga} from './plan-saga.js';
import {planStreams} from './plan-streams.js';
import {collectHooks, placeOfKey, planTask, resourceSide} from './plan-task.js';

/** Lays out one workflow: its stages, its tasks in an order in which they could run, and what else it says. */
export function planWorkflow(context: AnalysisContext, workflow: WorkflowDescription): PlannedWorkflow {
  return new WorkflowPlanner(context, workflow).plan();
}

class WorkflowPlanner {
  readonly #context: AnalysisContext;
  readonly #workflow: WorkflowDescription;
  readonly #placer: ItemPlacer;
  readonly #names: Set<string>;
  readonly #subject: string;

  constructor(context: AnalysisContext, workflow: WorkflowDescription) {
    this.#context = context;
    this.#workflow = workflow;
    this.#placer = new ItemPlacer(context);
    this.#subject = `workflow '${workflow.name}'`;
    this.#names = new Set([...context.file.named.keys(), ...workflow.stages.map(({name}) => name)]);
  }

  plan(): PlannedWorkflow {
    const {name, file, line, settings, stages, items} = this.#workflow;
    const {config = {}} = settings;
    this.#checkShape();
    const planned = stages.length > 0 ? stages.map((stage) => this.#planStage(stage)) : [this.#onlyStage()];
    this.#placeWhens();
    const ordered = this.#inOrder();
    const tasks = planStreams(
      this.#context,
      ordered.map((task) => this.#planTask(task)),
    );
    const result: PlannedWorkflow = {
      name,
      file,
      line,
      description: settings.description,
      version: settings.version,
      tasks,
      stages: planned,
      timeoutMs: config.timeout,
      maxParallel: config.max_parallel_tasks,
      failureMode: modeOf(config.fail_fast) ?? (config.on_task_failure && failureModes[config.on_task_failure]),
      hooks: collectHooks(
        {
          on_start: settings.on_start,
          on_complete: settings.on_complete,
          on_success: settings.on_success,
          on_failure: settings.on_failure,
        },
        settings.hooks,
        (text) => checkedCommand(this.#context, text, this.#owner('hooks')),
      ),
      errorHandlers: (settings.error_handling ?? []).flatMap(({on_failure: fn}) =>
        fn ? [{name: 'error_handling.on_failure', run: {kind: 'function' as const, fn}, takes: 'event' as const}] : [],
      ),
      saga: this.#saga(settings.saga, 'saga', name, this.#workflow),
      request: resourceSide(settings, 'request'),
      limit: resourceSide(settings, 'limit'),
      workdir:
        settings.workdir === undefined
          ? undefined
          : checkedTemplate(this.#context, settings.workdir, this.#owner('workdir')),
      subjects: this.#subjects(),
      cleanup: config.cleanup === false ? 'never' : config.cleanup_on_failure === false ? 'after-success' : 'always',
    };
    checkOrder(this.#context, result, items.length === 0 && stages.length > 0);
    return result;
  }

  #checkShape(): void {
    const {stages, items, settings, places} = this.#workflow;
    if (stages.length > 0 && items.length > 0) {
      this.#context.problem(
        placeOfKey(this.#workflow, 'tasks'),
        `${this.#subject} has both 'tasks' and 'stages'; put the tasks into a stage`,
      );
    } else if (stages.length === 0 && settings.stages !== undefined) {
      this.#context.problem(places.get('stages') ?? this.#workflow, `${this.#subject}: 'stages' is empty`);
    } else if (stages.length === 0 && items.length === 0) {
      this.#context.problem(this.#workflow, `${this.#subject} has no tasks`);
    }
    const seen = new Set<string>();
    for (const stage of stages) {
      if (seen.has(stage.name)) this.#context.problem(stage, `${this.#subject} has two stages '${stage.name}'`);
      else if (this.#context.file.tasks.some(({name}) => name === stage.name)) {
        this.#context.problem(stage, `${this.#subject}: '${stage.name}' is both a stage and a task`);
      }
      seen.add(stage.name);
    }
  }

  #planStage(stage: StageDescription): PlannedStage {
    const {name, file, line, settings, items, when} = stage;
    const subject = `stage '${name}'`;
    const around = this.#surroundings(subject, name, stage);
    const {tasks, options} = this.#placer.place(items, around);
    const place = placeOfKey(stage, 'condition');
    const condition = when
      ? this.#condition(when.condition, when, subject)
      : this.#stageCondition(settings.condition, place, subject);
    const branch = (list: WhenItem['whenTrue'] | undefined): readonly string[] =>
      list ? this.#placer.place(list, around).tasks.map((task) => task.name) : [];
    if (items.length === 0 && !when) this.#context.problem(stage, `${subject} has no tasks`);
    return {
      name,
      file,
      line,
      tasks: tasks.map((task) => task.name),
      condition: condition && {condition, whenTrue: branch(when?.whenTrue), whenFalse: branch(when?.whenFalse)},
      failureMode: modeOf(settings.fail_fast ?? options.failFast),
      maxWorkers: settings.max_workers ?? options.maxWorkers,
      timeoutMs: settings.timeout ?? options.timeoutMs,
      saga: this.#saga(settings.saga, 'saga', name, stage),
    };
  }

  // A workflow without stages has one without a name.
  #onlyStage(): PlannedStage {
    const {items, file, line} = this.#workflow;
    const {tasks, options} = this.#placer.place(items, this.#surroundings(this.#subject, undefined, this.#workflow));
    return {
      name: '',
      file,
      line,
      tasks: tasks.map((task) => task.name),
      condition: undefined,
      failureMode: modeOf(options.failFast),
      maxWorkers: options.maxWorkers,
      timeoutMs: options.timeoutMs,
      saga: undefined,
    };
  }

  #surroundings(subject: string, stage: string | undefined, _place: Place): ItemSurroundings {
    return {subject, stage, conditionOf: (item) => this.#condition(item.condition, item, subject)};
  }

  #condition(text: string, place: Place, subject: string): Condition {
    return checkedCondition(this.#context, text, place, subject, this.#names);
  }

  #stageCondition(value: unknown, place: Place, subject: string): Condition | undefined {
    return typeof value === 'string' ? this.#condition(value, place, subject) : undefined;
  }

  // A `when` as the condition of a task: its branches are tasks like any other.
  #placeWhens(): void {
    for (const task of [...this.#placer.placements.keys()]) {
      for (const when of this.#context.file.whens.get(task) ?? []) {
        const placement = this.#placer.placement(task);
        const around = this.#surroundings(`task '${task.name}'`, placement.stage, task);
        const condition = around.conditionOf(when);
        const first = this.#placer.place(when.whenTrue, around, [
          ...placement.branches,
          {id: when.id, condition, when: true},
        ]);
        this.#placer.place(when.whenFalse, around, [...placement.branches, {id: when.id, condition, when: false}]);
        placement.branches.push({id: when.id, condition, when: true});
        for (const earlier of first.tasks) placement.after.add(earlier);
      }
    }
  }

  // What was placed and all that needs, dependencies first, else in the order of the stages.
  #inOrder(): readonly TaskDescription[] {
    const edges = (task: TaskDescription): readonly TaskDescription[] => {
      const placement = this.#placer.placements.get(task);
      return [...this.#context.needs(task), ...(placement?.after ?? []), ...(placement?.follows ?? [])];
    };
    const members = [...this.#placer.placements.keys()];
    const cycles = findCycles(members, edges);
    for (const cycle of cycles) this.#reportCycle(cycle);
    if (cycles.length > 0) return members;
    const ordered = new Set<TaskDescription>();
    const pending = [...members].reverse();
    for (let task = pending.at(-1); task; task = pending.at(-1)) {
      const missing = edges(task).filter((other) => !ordered.has(other));
      if (ordered.has(task) || missing.length === 0) {
        ordered.add(task);
        pending.pop();
      } else {
        pending.push(...missing.reverse());
      }
    }
    return [...ordered];
  }

  #reportCycle(cycle: readonly TaskDescription[]): void {
    const [first] = cycle;
    const onlyNeeds = cycle.every((task, index) =>
      this.#context.needs(task).includes(cycle[(index + 1) % cycle.length] ?? task),
    );
    if (!first || onlyNeeds) return;
    const path = [...cycle, first].map((task) => `'${task.name}'`).join(' -> ');
    this.#context.problem(
      this.#workflow,
      `${this.#subject}: by their order and what they depend on, tasks wait for each other: ${path}`,
    );
  }

  #planTask(task: TaskDescription): PlannedTask {
    const placement = plannedPlacement(this.#placer.placement(task), this.#context.needs(task));
    return planTask(this.#context, task, {names: this.#names, workflow: this.#workflow.settings, placement});
  }

  #saga(
    value: Parameters<typeof planSaga>[1]['value'],
    key: string,
    step: string,
    thing: StageDescription | WorkflowDescription,
  ): Saga | undefined {
    const subject = thing === this.#workflow ? this.#subject : `stage '${step}'`;
    return planSaga(this.#context, {value, step, subject, place: placeOfKey(thing, key)});
  }

  #owner(
    key: string,
  ): Place & {readonly subject: string; readonly params: readonly string[]; readonly needs: readonly string[]} {
    const {file, line} = placeOfKey(this.#workflow, key);
    return {subject: this.#subject, params: Object.keys(this.#context.options.params ?? {}), needs: [], file, line};
  }

  #subjects(): ReadonlyMap<string, Subject> {
    const subjects = new Map<string, Subject>();
    const members = new Set([...this.#placer.placements.keys()]);
    for (const [name, tasks] of this.#context.file.named) {
      if (tasks.every((task) => members.has(task)))
        subjects.set(name, {kind: 'tasks', tasks: tasks.map((task) => task.name)});
    }
    for (const {name} of this.#workflow.stages) subjects.set(name, {kind: 'stage', stage: name});
    return subjects;
  }
}

function modeOf(failFast: boolean | undefined): FailureMode | undefined {
  if (failFast === undefined) return undefined;
  return failFast ? 'kill' : 'continue';
}
