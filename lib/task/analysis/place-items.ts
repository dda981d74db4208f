import type {Condition} from '../conditions/condition.js';
import type {Branch, PlannedTask} from '../plan.js';
import type {ParallelOptions, TaskDescription, TaskItem, WhenItem} from '../reading/description.js';
import type {AnalysisContext} from './context.js';

/** Where a task stands in its workflow. */
export interface Placement {
  stage: string | undefined;
  readonly after: Set<TaskDescription>;
  readonly follows: Set<TaskDescription>;
  readonly branches: Branch[];
}

/** What reads conditions where lists are placed. */
export interface ItemSurroundings {
  /** `stage 'build'` or `workflow 'w'`. */
  readonly subject: string;
  readonly stage: string | undefined;
  conditionOf(item: WhenItem): Condition;
}

/** Tasks that were placed, those that were passed over by no branch first. */
export interface Placed {
  readonly tasks: readonly TaskDescription[];
  /** What a `parallel{...}` that is the whole list asks for. */
  readonly options: ParallelOptions;
}

/** Lays out the tasks of one workflow: who comes after whom, and which hang on a branch. */
export class ItemPlacer {
  readonly placements = new Map<TaskDescription, Placement>();
  readonly #context: AnalysisContext;

  constructor(context: AnalysisContext) {
    this.#context = context;
  }

  /** Places a list whose items are in no order. */
  place(items: readonly TaskItem[], around: ItemSurroundings, branches: readonly Branch[] = []): Placed {
    const [only] = items;
    const options = items.length === 1 && only?.kind === 'parallel' ? only.options : {};
    const tasks = items.flatMap((item) => this.#place(item, around, branches, items.length === 1));
    return {tasks: [...new Set(tasks)], options};
  }

  #place(
    item: TaskItem,
    around: ItemSurroundings,
    branches: readonly Branch[],
    alone: boolean,
  ): readonly TaskDescription[] {
    switch (item.kind) {
      case 'tasks':
        return this.#add(item.tasks, around, branches);
      case 'name':
        return this.#add(
          this.#context.resolve(item.name, item.group, item, `${around.subject} names`),
          around,
          branches,
        );
      case 'parallel':
        if (!alone && Object.values(item.options).some((value) => value !== undefined)) {
          this.#context.problem(
            item,
            `${around.subject}: limits of 'parallel' hold for a whole list only; give it a stage of its own`,
          );
        }
        return item.items.flatMap((inner) => this.#place(inner, around, branches, false));
      case 'chain':
        return this.#chain(item.items, around, branches);
      case 'when': {
        const condition = around.conditionOf(item);
        const side = (when: boolean): readonly Branch[] => [...branches, {id: item.id, condition, when}];
        return [
          ...item.whenTrue.flatMap((inner) => this.#place(inner, around, side(true), false)),
          ...item.whenFalse.flatMap((inner) => this.#place(inner, around, side(false), false)),
        ];
      }
      default:
        return item satisfies never;
    }
  }

  #chain(
    items: readonly TaskItem[],
    around: ItemSurroundings,
    branches: readonly Branch[],
  ): readonly TaskDescription[] {
    const all: TaskDescription[] = [];
    let before: readonly TaskDescription[] = [];
    for (const item of items) {
      const placed = this.#place(item, around, branches, false);
      for (const task of placed) {
        const placement = this.placements.get(task);
        // After a failure a branch's condition alone decides.
        const edges = item.kind === 'when' ? placement?.follows : placement?.after;
        for (const earlier of before) if (earlier !== task) edges?.add(earlier);
      }
      if (placed.length > 0) before = placed;
      all.push(...placed);
    }
    return all;
  }

  #add(
    tasks: readonly TaskDescription[],
    {stage}: ItemSurroundings,
    branches: readonly Branch[],
  ): readonly TaskDescription[] {
    for (const task of tasks) {
      const placement = this.placement(task);
      placement.stage ??= stage;
      placement.branches.push(...branches.filter(({id}) => !placement.branches.some((known) => known.id === id)));
    }
    return tasks;
  }

  /** Where a task stands; a new place for one that was not placed yet. */
  placement(task: TaskDescription): Placement {
    const known = this.placements.get(task);
    if (known) return known;
    const made: Placement = {stage: undefined, after: new Set(), follows: new Set(), branches: []};
    this.placements.set(task, made);
    return made;
  }
}

/** A placement as the plan has it. */
export function plannedPlacement(
  placement: Placement,
  needs: readonly TaskDescription[],
): Pick<PlannedTask, 'stage' | 'dependsOn' | 'after' | 'follows' | 'branches'> {
  const names = (tasks: Iterable<TaskDescription>): string[] => [...tasks].map(({name}) => name);
  return {
    stage: placement.stage,
    dependsOn: names(needs),
    after: names(placement.after),
    follows: names(placement.follows),
    branches: placement.branches,
  };
}
