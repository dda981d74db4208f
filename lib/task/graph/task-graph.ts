/** How a task went when it last ran. */
export type NodeState = 'succeeded' | 'cached' | 'failed' | 'skipped' | 'cancelled' | 'running';

/** A task of the drawing. */
export interface GraphNode {
  readonly id: string;
  /** Missing for a task outside the stages. */
  readonly stage: string | undefined;
  readonly description: string | undefined;
  /** How it last went, if that is known. */
  readonly state: NodeState | undefined;
  /** How long it last took. */
  readonly durationMs: number | undefined;
  /** On the longest path from a start to an end. */
  readonly critical: boolean;
  /** The earliest round in which it can run, from 0: everything it waits for is in earlier ones. */
  readonly wave: number;
}

/** `needs`: must have succeeded. `follows`: must have ended. */
export type EdgeKind = 'needs' | 'follows';

/** `to` waits for `from`. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly critical: boolean;
}

/** A workflow as it is drawn. */
export interface TaskGraph {
  readonly version: 1;
  readonly workflow: string;
  /** Each after those it waits for. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Names, in order. */
  readonly stages: readonly string[];
  /** What the tasks of the longest path take together; missing while no duration is known. */
  readonly criticalMs: number | undefined;
}

/** The part of a planned workflow that is drawn. */
export interface DrawnWorkflow {
  readonly name: string;
  readonly tasks: readonly DrawnTask[];
  readonly stages: readonly {readonly name: string}[];
}

/** The part of a planned task that is drawn. */
export interface DrawnTask {
  readonly name: string;
  readonly stage: string | undefined;
  readonly description: string | undefined;
  readonly dependsOn: readonly string[];
  readonly follows: readonly string[];
}

/** What is known of a task from earlier runs. */
export interface LastRun {
  readonly state?: NodeState | undefined;
  readonly durationMs?: number | undefined;
}

/** Lays out which task waits for which; `lastRun` answers what is known of a task. */
export function taskGraph(workflow: DrawnWorkflow, lastRun: (task: string) => LastRun = () => ({})): TaskGraph {
  const {name, stages} = workflow;
  const known = new Map(workflow.tasks.map((task) => [task.name, lastRun(task.name)]));
  const hasDurations = [...known.values()].some(({durationMs}) => durationMs !== undefined);
  const weightOf = (task: string): number => (hasDurations ? (known.get(task)?.durationMs ?? 0) : 1);
  const tasks = inOrder(workflow.tasks);
  const {waves, critical, length} = longestPath(tasks, weightOf);
  const position = new Map(critical.map((id, index) => [id, index]));
  const edges = tasks.flatMap((task) => edgesTo(task, position));
  return {
    version: 1,
    workflow: name,
    nodes: tasks.map(({name: id, stage, description}) => ({
      id,
      stage: stage === '' ? undefined : stage,
      description,
      state: known.get(id)?.state,
      durationMs: known.get(id)?.durationMs,
      critical: position.has(id),
      wave: waves.get(id) ?? 0,
    })),
    edges,
    stages: stages.map((stage) => stage.name).filter((stage) => stage !== ''),
    criticalMs: hasDurations ? length : undefined,
  };
}

/** All that a task waits for; what it needs as well as follows counts once. */
function waitsFor({dependsOn, follows}: DrawnTask): readonly string[] {
  return [...new Set([...dependsOn, ...follows])];
}

// Each after those it waits for, whatever the order they came in.
function inOrder(tasks: readonly DrawnTask[]): readonly DrawnTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const ordered = new Set<DrawnTask>();
  const pending = [...tasks].reverse();
  const opened = new Set<DrawnTask>();
  for (let task = pending.at(-1); task; task = pending.at(-1)) {
    const missing = opened.has(task)
      ? []
      : waitsFor(task).flatMap((name) => {
          const other = byName.get(name);
          return other && !ordered.has(other) && !opened.has(other) ? [other] : [];
        });
    opened.add(task);
    if (missing.length > 0) {
      pending.push(...missing.reverse());
    } else {
      ordered.add(task);
      pending.pop();
    }
  }
  return [...ordered];
}

function longestPath(
  tasks: readonly DrawnTask[],
  weightOf: (task: string) => number,
): {readonly waves: ReadonlyMap<string, number>; readonly critical: readonly string[]; readonly length: number} {
  const waves = new Map<string, number>();
  const ends = new Map<string, number>();
  const before = new Map<string, string>();
  for (const task of tasks) {
    let start = 0;
    let wave = 0;
    for (const name of waitsFor(task)) {
      wave = Math.max(wave, (waves.get(name) ?? -1) + 1);
      const end = ends.get(name) ?? 0;
      if (end < start || (end === start && before.has(task.name))) continue;
      start = end;
      before.set(task.name, name);
    }
    waves.set(task.name, wave);
    ends.set(task.name, start + weightOf(task.name));
  }
  let last: string | undefined;
  for (const [name, end] of ends) if (last === undefined || end > (ends.get(last) ?? 0)) last = name;
  const length = last === undefined ? 0 : (ends.get(last) ?? 0);
  const critical: string[] = [];
  for (let name = last; name !== undefined; name = before.get(name)) critical.push(name);
  return {waves, critical: critical.reverse(), length};
}

// `position` tells where on the critical path a task stands.
function edgesTo(task: DrawnTask, position: ReadonlyMap<string, number>): readonly GraphEdge[] {
  const needs = new Set(task.dependsOn);
  const at = position.get(task.name) ?? -1;
  return waitsFor(task).map((from) => ({
    from,
    to: task.name,
    kind: needs.has(from) ? 'needs' : 'follows',
    critical: at > 0 && position.get(from) === at - 1,
  }));
}
