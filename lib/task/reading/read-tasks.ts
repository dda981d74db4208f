import type {DefinedFunction} from '../defined-function.js';
import type {Place} from '../problem.js';
import {type Reporter, readSettings} from '../schema/read-settings.js';
import {taskAliases, taskKeys} from '../schema/task-keys.js';
import {type DefinedTable, Definition, type Entry} from './definition.js';
import type {TaskDescription} from './description.js';
import {combinationsOf, matrixName} from './matrix.js';

/** What names a task beside its own table. */
export interface TaskNaming {
  readonly shortName: string;
  /** The group or stage in front of its name, or ''. */
  readonly prefix: string;
  readonly group: string;
}

/** Makes descriptions of the tasks of a file, and finds them again by the definition they came from. */
export class TaskReader {
  readonly tasks: TaskDescription[] = [];
  readonly #byDefinition = new Map<Definition, readonly TaskDescription[]>();
  readonly #definitions: readonly Definition[];
  readonly #reporter: Reporter;

  constructor(definitions: readonly Definition[], reporter: Reporter) {
    this.#definitions = definitions;
    this.#reporter = reporter;
  }

  /** The tasks of a `task(...)`: one, or as many as its matrix has combinations. */
  read(
    definition: Definition,
    naming: TaskNaming = {shortName: definition.name, prefix: '', group: ''},
  ): readonly TaskDescription[] {
    const known = this.#byDefinition.get(definition);
    if (known) return known;
    const read = this.readEntries(definition, definition.entries, naming);
    this.#byDefinition.set(definition, read);
    return read;
  }

  /** The tasks of a table in a list of tasks: those of the built task under `command`, or new ones. */
  readInline(table: DefinedTable, place: Place, naming: TaskNaming): readonly TaskDescription[] {
    const own = entriesOf(table, place);
    const {command, name} = table.map;
    const ownName = typeof name === 'string' && name.trim() !== '' ? name : undefined;
    if (name !== undefined && ownName === undefined) {
      this.#reporter.problem(place, 'task: the name must be a string that is not blank');
      return [];
    }
    const others = own.filter(({key}) => key !== 'name');
    if (command instanceof Definition && command.kind === 'task') {
      const rest = others.filter(({key}) => key !== 'command');
      if ((ownName ?? (naming.shortName === '' ? command.name : naming.shortName)) === command.name) {
        if (rest.length > 0) command.entries.push(...rest);
        if (rest.length > 0) this.#byDefinition.delete(command);
        const earlier = this.tasks.findIndex(
          ({file, line, name: known}) =>
            rest.length > 0 && known === command.name && file === command.file && line === command.line,
        );
        if (earlier >= 0) this.tasks.splice(earlier, 1);
        return this.read(command);
      }
      return this.readEntries(place, [...command.entries, ...rest], {
        ...naming,
        shortName: ownName ?? naming.shortName,
      });
    }
    const shortName = ownName ?? naming.shortName;
    if (shortName === '') {
      this.#reporter.problem(place, 'task: the name must be a string that is not blank, got nil');
      return [];
    }
    // A name of its own is the whole name; the key of a map stands behind its stage.
    return this.readEntries(place, others, ownName ? {...naming, shortName, prefix: naming.group} : naming);
  }

  /** The task that a function in a map of tasks is. */
  readFunction(body: DefinedFunction, place: Place, naming: TaskNaming): readonly TaskDescription[] {
    return this.readEntries(place, [{key: 'command', form: 'key', args: [body], ...placeOf(place)}], naming);
  }

  readEntries(
    place: Place,
    entries: readonly Entry[],
    {shortName, prefix, group}: TaskNaming,
  ): readonly TaskDescription[] {
    const name = prefix === '' ? shortName : `${prefix}.${shortName}`;
    const {settings, places} = readSettings(this.#withTemplates(entries, new Set(), name), {
      subject: `task '${name}'`,
      keys: taskKeys,
      aliases: taskAliases,
      on: 'task',
      reporter: this.#reporter,
    });
    const base = {...placeOf(place), shortName, group, settings, places};
    const combinations = settings.matrix && combinationsOf(settings.matrix);
    if (combinations?.length === 0) {
      this.#reporter.problem(places.get('matrix') ?? place, `task '${name}': 'matrix' leaves no combination`);
    }
    const read = combinations
      ? combinations.map((values) => ({...base, name: matrixName(name, values), matrix: values}))
      : [{...base, name, matrix: undefined}];
    this.tasks.push(...read);
    return read;
  }

  // What `uses` names comes first, so that the task's own word holds.
  #withTemplates(entries: readonly Entry[], using: Set<unknown>, name: string): readonly Entry[] {
    return entries
      .flatMap((entry) => (entry.key === 'uses' ? this.#templateEntries(entry, using, name) : [entry]))
      .sort((a, b) => Number(fromTemplate.has(b)) - Number(fromTemplate.has(a)));
  }

  #templateEntries(entry: Entry, using: Set<unknown>, name: string): readonly Entry[] {
    const [template] = entry.args;
    if (using.has(template)) {
      this.#reporter.problem(entry, `task '${name}': 'uses' goes in a circle`);
      return [];
    }
    using.add(template);
    const found = this.#templateOf(template, entry, name);
    const copies = this.#withTemplates(found, using, name).map((copied) => ({...copied}));
    for (const copied of copies) fromTemplate.add(copied);
    return [entry, ...copies];
  }

  #templateOf(template: unknown, entry: Entry, name: string): readonly Entry[] {
    if (template instanceof Definition && template.kind === 'task') return template.entries;
    if (typeof template === 'string') {
      const named = this.#definitions.find(({kind, name: other}) => kind === 'task' && other === template);
      if (!named) this.#reporter.problem(entry, `task '${name}' uses unknown task '${template}'`);
      return named?.entries ?? [];
    }
    if (isTable(template)) return entriesOf(template, entry).filter(({key}) => key !== 'name');
    return [];
  }
}

/** Entries that a template brought. */
const fromTemplate = new WeakSet<Entry>();

function isTable(value: unknown): value is DefinedTable {
  return typeof value === 'object' && value !== null && 'map' in value && 'list' in value;
}

function placeOf({file, line}: Place): Place {
  return {file, line};
}

/** What a table says, as entries. */
export function entriesOf(table: DefinedTable, place: Place): readonly Entry[] {
  const {file, line} = place;
  const listed = table.list.map((value, index) => ({
    key: String(index + 1),
    form: 'key' as const,
    args: [value],
    file,
    line,
  }));
  const named = Object.entries(table.map).map(([key, value]) => ({
    key,
    form: 'key' as const,
    args: [value],
    file,
    line,
  }));
  return [...listed, ...named];
}
