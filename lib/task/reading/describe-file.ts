import type {Sendable} from '../../sendable.js';
import type {Place, Problem} from '../problem.js';
import {shown} from '../schema/describe-issue.js';
import {type Reporter, readSettings, refuse} from '../schema/read-settings.js';
import {runnerConfigKeys} from '../schema/runner-config-keys.js';
import {unsupportedKeys} from '../schema/unsupported.js';
import {dataIn, schemaInput} from '../schema/values.js';
import {stageKeys, workflowKeys} from '../schema/workflow-keys.js';
import {DefinedTable, type DefinedValue, Definition, type Definitions, type Entry} from './definition.js';
import type {
  FileDescription,
  StageDescription,
  TaskDescription,
  TaskItem,
  WhenItem,
  WorkflowDescription,
} from './description.js';
import {type ListOwner, TaskListReader} from './read-task-list.js';
import {entriesOf, TaskReader} from './read-tasks.js';

/** What a file defined, with all that is wrong with single definitions. */
export interface DescribedFile {
  readonly description: FileDescription;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** How to judge a file. */
export interface DescribeOptions {
  readonly path: string;
  /** `--allow-unsupported`. */
  readonly allowUnsupported?: boolean | undefined;
  /** What a `--config` file says; the task file's own `runner_config` holds before it. */
  readonly config?: {readonly value: DefinedValue; readonly path: string} | undefined;
}

/** Judges each definition of a file by itself. */
export function describeFile(definitions: Definitions, options: DescribeOptions): DescribedFile {
  return new FileReader(definitions, options).read();
}

class FileReader implements Reporter {
  readonly allowUnsupported: boolean;
  readonly #definitions: Definitions;
  readonly #options: DescribeOptions;
  readonly #problems: Problem[] = [];
  readonly #warnings: Problem[] = [];
  readonly #tasks: TaskReader;
  readonly #lists: TaskListReader;
  readonly #groups = new Map<Definition, TaskItem>();
  readonly #grouped = new Map<string, TaskDescription[]>();
  readonly #whens = new Map<TaskDescription, readonly WhenItem[]>();

  constructor(definitions: Definitions, options: DescribeOptions) {
    this.#definitions = definitions;
    this.#options = options;
    this.allowUnsupported = options.allowUnsupported ?? false;
    this.#problems.push(...definitions.problems);
    this.#tasks = new TaskReader(definitions.all, this);
    this.#lists = new TaskListReader(this.#tasks, this, (group) => this.#readGroup(group, ''));
  }

  problem({file, line}: Place, message: string): void {
    this.#problems.push({file, line, message});
  }

  warning({file, line}: Place, message: string): void {
    this.#warnings.push({file, line, message});
  }

  read(): DescribedFile {
    const {all, imports} = this.#definitions;
    const groups = all.filter(({kind}) => kind === 'group');
    const inner = new Set(groups.flatMap(({entries}) => definitionsIn(entries)));
    for (const group of groups) if (!inner.has(group)) this.#readGroup(group, '');
    for (const definition of all) if (definition.kind === 'task') this.#tasks.read(definition);
    const workflows = all.filter(({kind}) => kind === 'workflow').map((definition) => this.#readWorkflow(definition));
    for (const task of [...this.#tasks.tasks]) this.#readWhens(task);
    const {settings: config, places: configPlaces} = this.#readConfig();
    return {
      description: {
        tasks: this.#tasks.tasks,
        named: this.#names(),
        whens: this.#whens,
        workflows,
        config,
        configPlaces,
        configAsWritten: this.#configAsWritten(),
        imports,
      },
      problems: this.#problems,
      warnings: this.#warnings,
    };
  }

  // Names of its tasks become `group.task`.
  #readGroup(definition: Definition, outer: string): TaskItem {
    const known = this.#groups.get(definition);
    if (known) return known;
    const name = outer === '' ? definition.name : `${outer}.${definition.name}`;
    const subject = `group '${name}'`;
    for (const entry of definition.entries) {
      if (entry.key !== 'tasks') {
        this.problem(entry, `${subject}: unknown method '${entry.key}'`);
        continue;
      }
      for (const member of definitionsIn([entry])) {
        if (member.kind === 'task') this.#tasks.read(member, {shortName: member.name, prefix: name, group: name});
        if (member.kind === 'group') this.#readGroup(member, name);
      }
    }
    const owner: ListOwner = {subject, prefix: name, group: name};
    const items = definition.entries
      .filter(({key}) => key === 'tasks')
      .flatMap((entry) => this.#lists.readEntry(entry, owner));
    const tasks = items.flatMap((item) => (item.kind === 'tasks' ? item.tasks : []));
    for (const item of items) {
      if (item.kind !== 'tasks')
        this.problem(
          item,
          `${subject} takes tasks and groups, not ${item.kind === 'name' ? 'names' : `a ${item.kind}`}`,
        );
    }
    const item: TaskItem = {kind: 'tasks', tasks, file: definition.file, line: definition.line};
    this.#groups.set(definition, item);
    const earlier = this.#grouped.get(name);
    if (earlier) this.problem(definition, `${subject} is already defined`);
    this.#grouped.set(name, [...(earlier ?? []), ...tasks]);
    return item;
  }

  #readWorkflow(definition: Definition): WorkflowDescription {
    const {name, entries, file, line} = definition;
    const subject = `workflow '${name}'`;
    const {settings, places} = readSettings(entries, {subject, keys: workflowKeys, on: 'workflow', reporter: this});
    for (const entry of entries) if (entry.key === 'security') this.#refuseInside(entry, 'workflow', subject);
    const owner = {subject, prefix: '', group: ''};
    const items = entries.filter(({key}) => key === 'tasks').flatMap((entry) => this.#lists.readEntry(entry, owner));
    const stages = entries.filter(({key}) => key === 'stages').flatMap((entry) => this.#readStages(entry, subject));
    const numbered = stages.map((stage, index) => (stage.name === '' ? {...stage, name: `stage ${index + 1}`} : stage));
    return {name, file, line, settings, places, items, stages: numbered};
  }

  #readStages(entry: Entry, subject: string): readonly StageDescription[] {
    const [first] = entry.args;
    const list = entry.args.length === 1 && first instanceof DefinedTable && first.isList ? first.list : entry.args;
    return list.flatMap((value, index) => {
      if (value instanceof DefinedTable) return [this.#readStage(value, entry, `stage ${index + 1}`)];
      this.problem(entry, `${subject}: 'stages[${index + 1}]' must be a table, got ${shown(schemaInput(value))}`);
      return [];
    });
  }

  #readStage(table: DefinedTable, place: Place, numbered: string): StageDescription {
    const given = typeof table.map['name'] === 'string' ? table.map['name'] : '';
    const name = given || numbered;
    const subject = `stage '${name}'`;
    const entries = entriesOf(table, place);
    const {settings, places} = readSettings(entries, {subject, keys: stageKeys, on: 'workflow', reporter: this});
    const owner = {subject, prefix: name, group: ''};
    const items = entries.filter(({key}) => key === 'tasks').flatMap((entry) => this.#lists.readEntry(entry, owner));
    const when = settings.condition instanceof Definition ? this.#lists.readWhen(settings.condition, owner) : undefined;
    return {name: given, file: place.file, line: place.line, settings, places, items, when};
  }

  #readWhens(task: TaskDescription): void {
    const whens = (task.settings.condition ?? []).flatMap((condition) =>
      condition instanceof Definition
        ? [this.#lists.readWhen(condition, {subject: `task '${task.name}'`, prefix: task.name, group: task.group})]
        : [],
    );
    if (whens.length > 0) this.#whens.set(task, whens);
  }

  #readConfig(): ReturnType<typeof readSettings<typeof runnerConfigKeys>> {
    const {config, path} = this.#options;
    const own = this.#configEntries(this.#definitions.config, {file: path, line: 0});
    const given = config ? this.#configEntries(config.value, {file: config.path, line: 0}) : [];
    const read = readSettings([...given, ...own], {
      subject: 'runner_config',
      keys: runnerConfigKeys,
      on: 'runner_config',
      reporter: this,
    });
    for (const entry of [...given, ...own])
      if (entry.key === 'security') this.#refuseInside(entry, 'runner_config', 'runner_config');
    return read;
  }

  #configAsWritten(): Readonly<Record<string, Sendable>> {
    const tables = [this.#options.config?.value, this.#definitions.config];
    return Object.assign({}, ...tables.map((table) => (table instanceof DefinedTable ? dataIn(table.map) : {})));
  }

  #configEntries(value: DefinedValue, place: Place): readonly Entry[] {
    if (value === undefined) return [];
    if (value instanceof DefinedTable) return entriesOf(value, place);
    this.problem(place, `runner_config must be a table, got ${shown(value)}`);
    return [];
  }

  // `security` is a table whose fields are refused one by one.
  #refuseInside(entry: Entry, on: 'workflow' | 'runner_config', subject: string): void {
    const [value] = entry.args;
    if (!(value instanceof DefinedTable) || value.list.length > 0) {
      this.problem(entry, `${subject}: 'security' must be a table, got ${shown(schemaInput(value))}`);
      return;
    }
    for (const [name, field] of Object.entries(value.map)) {
      const path = `security.${name}`;
      const known = unsupportedKeys.find((candidate) => candidate.on === on && candidate.path === path);
      if (known) refuse(entry, known, field, `${subject}: '${path}'`, this);
      else this.problem(entry, `${subject}: unknown setting '${path}'`);
    }
  }

  // Every name: its own, that of its matrix, of its group; and the short name where only one task has it.
  #names(): ReadonlyMap<string, readonly TaskDescription[]> {
    const names = new Map<string, TaskDescription[]>();
    const add = (name: string, task: TaskDescription): void => {
      const list = names.get(name);
      if (list) list.push(task);
      else names.set(name, [task]);
    };
    const bases = new Map<string, TaskDescription[]>();
    for (const task of this.#tasks.tasks) {
      add(task.name, task);
      if (task.matrix) {
        const base = task.name.slice(0, task.name.lastIndexOf('['));
        bases.set(base, [...(bases.get(base) ?? []), task]);
      }
    }
    for (const [name, tasks] of [...bases, ...this.#grouped]) if (!names.has(name)) names.set(name, tasks);
    const short = new Map<string, Set<string>>();
    for (const {shortName, name, matrix} of this.#tasks.tasks) {
      const full = matrix ? name.slice(0, name.lastIndexOf('[')) : name;
      short.set(shortName, (short.get(shortName) ?? new Set()).add(full));
    }
    for (const [name, [full, ...others]] of [...short].map(([key, set]) => [key, [...set]] as const)) {
      const found = full !== undefined && others.length === 0 ? names.get(full) : undefined;
      if (found && !names.has(name)) names.set(name, [...found]);
    }
    return names;
  }
}

/** The definitions that stand in these entries, in tables too. */
function definitionsIn(entries: readonly Entry[]): readonly Definition[] {
  const found: Definition[] = [];
  const look = (value: DefinedValue): void => {
    if (value instanceof Definition) found.push(value);
    if (value instanceof DefinedTable) for (const item of [...value.list, ...Object.values(value.map)]) look(item);
  };
  for (const {args} of entries) for (const value of args) look(value);
  return found;
}
