import {DefinedFunction} from '../defined-function.js';
import type {Place} from '../problem.js';
import {shown} from '../schema/describe-issue.js';
import type {Reporter} from '../schema/read-settings.js';
import {count, duration, flag, object, schemaInput} from '../schema/values.js';
import {DefinedTable, type DefinedValue, Definition, type Entry} from './definition.js';
import type {ParallelOptions, TaskItem, WhenItem} from './description.js';
import type {TaskReader} from './read-tasks.js';

/** Whose list is read. */
export interface ListOwner {
  /** `workflow 'w'`. */
  readonly subject: string;
  /** The stage or group that its named tasks stand behind, or ''. */
  readonly prefix: string;
  /** The group in which names are looked up first, or ''. */
  readonly group: string;
}

const parallelOptions = object({
  max_workers: count.optional(),
  fail_fast: flag.optional(),
  timeout: duration.optional(),
});

const expectedItem = 'a task, the name of one, or a table that defines one';

/** Reads lists of tasks, in all forms. */
export class TaskListReader {
  readonly #tasks: TaskReader;
  readonly #reporter: Reporter;
  readonly #groups: (definition: Definition) => TaskItem;
  #lastWhen = 0;

  /** @param groups reads a group that stands in a list. */
  constructor(tasks: TaskReader, reporter: Reporter, groups: (definition: Definition) => TaskItem) {
    this.#tasks = tasks;
    this.#reporter = reporter;
    this.#groups = groups;
  }

  /** What one mention of `tasks` says: a list, a map, both, or several arguments. */
  readEntry(entry: Entry, owner: ListOwner): readonly TaskItem[] {
    if (entry.args.length !== 1)
      return entry.args.flatMap((value, index) => this.#item(value, entry, `${entry.key}[${index + 1}]`, owner));
    return this.#list(entry.args[0], entry, entry.key, owner);
  }

  #list(value: DefinedValue, place: Place, where: string, owner: ListOwner): readonly TaskItem[] {
    if (!(value instanceof DefinedTable)) return this.#item(value, place, where, owner);
    const listed = value.list.flatMap((item, index) => this.#item(item, place, `${where}[${index + 1}]`, owner));
    const named = Object.entries(value.map).flatMap(([key, item]) =>
      this.#named(key, item, place, `${where}.${key}`, owner),
    );
    return [...listed, ...named];
  }

  #item(value: DefinedValue, place: Place, where: string, owner: ListOwner): readonly TaskItem[] {
    const at = {file: place.file, line: place.line};
    if (typeof value === 'string') return [{kind: 'name', name: value, group: owner.group, ...at}];
    if (value instanceof Definition) return this.#definition(value, at, where, owner);
    if (value instanceof DefinedTable) {
      return [
        {
          kind: 'tasks',
          tasks: this.#tasks.readInline(value, at, {shortName: '', prefix: owner.group, group: owner.group}),
          ...at,
        },
      ];
    }
    this.#reporter.problem(
      at,
      `${owner.subject}: '${where}' must be ${expectedItem}, got ${shown(schemaInput(value))}`,
    );
    return [];
  }

  // An entry of a map: the key is the task's name behind its stage.
  #named(key: string, value: DefinedValue, place: Place, where: string, owner: ListOwner): readonly TaskItem[] {
    const at = {file: place.file, line: place.line};
    const naming = {shortName: key, prefix: owner.prefix, group: owner.group};
    if (value instanceof DefinedTable)
      return [{kind: 'tasks', tasks: this.#tasks.readInline(value, at, naming), ...at}];
    if (value instanceof DefinedFunction)
      return [{kind: 'tasks', tasks: this.#tasks.readFunction(value, at, naming), ...at}];
    return this.#item(value, place, where, owner);
  }

  #definition(definition: Definition, at: Place, where: string, owner: ListOwner): readonly TaskItem[] {
    switch (definition.kind) {
      case 'task':
        return [{kind: 'tasks', tasks: this.#tasks.read(definition), ...at}];
      case 'group':
        return [this.#groups(definition)];
      case 'chain':
        return [{kind: 'chain', items: this.#ordered(definition, owner), file: definition.file, line: definition.line}];
      case 'parallel': {
        const options = this.#parallelOptions(definition, owner);
        return [
          {
            kind: 'parallel',
            items: this.#ordered(definition, owner),
            options,
            file: definition.file,
            line: definition.line,
          },
        ];
      }
      case 'when':
        return [this.readWhen(definition, owner)];
      default:
        this.#reporter.problem(at, `${owner.subject}: '${where}' must be ${expectedItem}, got ${shown(definition)}`);
        return [];
    }
  }

  // `chain{...}` and the parallel forms: the list is the first argument.
  #ordered(definition: Definition, owner: ListOwner): readonly TaskItem[] {
    const [entry] = definition.entries;
    const [first] = entry?.args ?? [];
    if (!entry || !(first instanceof DefinedTable)) {
      this.#reporter.problem(
        definition,
        `${owner.subject}: '${definition.kind}' takes a list of tasks, got ${shown(schemaInput(first))}`,
      );
      return [];
    }
    return this.#list(first, entry, definition.kind, owner);
  }

  #parallelOptions({kind, entries}: Definition, {subject}: ListOwner): ParallelOptions {
    const [entry] = entries;
    const value = schemaInput(entry?.args[1]);
    if (!entry || value === undefined) return {};
    if (typeof value === 'number') {
      const parsed = count.safeParse(value);
      if (parsed.success) return {maxWorkers: parsed.data};
      this.#reporter.problem(
        entry,
        `${subject}: the limit of '${kind}' must be an integer of at least 1, got ${value}`,
      );
      return {};
    }
    const parsed = parallelOptions.safeParse(value);
    if (parsed.success) {
      const {max_workers: maxWorkers, fail_fast: failFast, timeout: timeoutMs} = parsed.data;
      return {maxWorkers, failFast, timeoutMs};
    }
    this.#reporter.problem(
      entry,
      `${subject}: the options of '${kind}' must be a number, or a table with max_workers, fail_fast, timeout`,
    );
    return {};
  }

  /** `when(c):then(a):else(b)`. */
  readWhen(definition: Definition, owner: ListOwner): WhenItem {
    const at = {file: definition.file, line: definition.line};
    this.#lastWhen += 1;
    let condition = 'nil';
    const whenTrue: TaskItem[] = [];
    const whenFalse: TaskItem[] = [];
    for (const entry of definition.entries) {
      if (entry.key === 'condition') {
        const [text] = entry.args;
        if (typeof text === 'string') condition = text;
        else this.#reporter.problem(entry, `when: a condition as a string expected, got ${shown(schemaInput(text))}`);
      } else if (entry.key === 'then' || entry.key === 'else') {
        (entry.key === 'then' ? whenTrue : whenFalse).push(...this.#branch(entry, owner));
      } else {
        this.#reporter.problem(
          entry,
          `when: unknown method '${entry.key}' (only ':then(...)' and ':else(...)' may follow)`,
        );
      }
    }
    if (whenTrue.length + whenFalse.length === 0)
      this.#reporter.problem(at, "when: ':then(...)' or ':else(...)' is missing");
    return {kind: 'when', id: this.#lastWhen, condition, whenTrue, whenFalse, ...at};
  }

  #branch(entry: Entry, owner: ListOwner): readonly TaskItem[] {
    const [value] = entry.args;
    if (value instanceof DefinedFunction) {
      const naming = {shortName: entry.key, prefix: owner.prefix, group: owner.group};
      return [
        {kind: 'tasks', tasks: this.#tasks.readFunction(value, entry, naming), file: entry.file, line: entry.line},
      ];
    }
    return this.readEntry(entry, owner);
  }
}
