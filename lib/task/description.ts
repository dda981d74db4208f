import {LuaFunction} from '../lua-function.js';
import type {Sendable} from '../sendable.js';
import {didYouMean} from '../util/did-you-mean.js';
import type {Place, Problem} from './problem.js';

/** A task named somewhere: by identity where a built task stood, else by name only. */
export interface TaskReference extends Place {
  readonly id: number | undefined;
  readonly name: string;
}

/** A task as its file defined it, not checked against the others. */
export interface TaskDescription extends Place {
  readonly id: number;
  readonly name: string;
  readonly description: string | undefined;
  /** Runs one attempt: takes a request, answers success, message, output as data, output as a function. */
  readonly body: LuaFunction | undefined;
  /** What the body's first parameter asks for. */
  readonly takes: 'this' | 'params' | 'ctx' | undefined;
  readonly shell: string | undefined;
  /** Where a command was given, be it a wrong one. */
  readonly commandLine: number | undefined;
  readonly dependsOn: readonly TaskReference[];
  readonly timeout: Sendable;
  readonly timeoutLine: number;
}

/** A workflow as its file defined it. */
export interface WorkflowDescription extends Place {
  readonly name: string;
  readonly description: string | undefined;
  readonly version: string | undefined;
  readonly tasks: readonly TaskReference[];
  readonly config: Readonly<Record<string, Sendable>>;
  readonly configLine: number;
  readonly onStart: LuaFunction | undefined;
  readonly onComplete: LuaFunction | undefined;
}

/** All that one task file defined, and what is wrong with single definitions. */
export interface FileDescription {
  readonly tasks: readonly TaskDescription[];
  readonly workflows: readonly WorkflowDescription[];
  readonly problems: readonly Problem[];
}

type Table = Readonly<Record<string, Sendable>>;

/** Reads what the builders' `describe` answered; `path` stands in where a problem has no file. */
export function readDescription(answer: Sendable, path: string): FileDescription {
  const {tasks, workflows, problems} = answer as Table;
  return {
    tasks: tables(tasks).map(readTask),
    workflows: tables(workflows).map(readWorkflow),
    problems: tables(problems).map((problem) => readProblem(problem, path)),
  };
}

function readTask(table: Table): TaskDescription {
  return {
    ...placeOf(table),
    id: Number(table['id']),
    name: String(table['name']),
    description: text(table['description']),
    body: lua(table['body']),
    takes: table['takes'] as TaskDescription['takes'],
    shell: text(table['shell']),
    commandLine: table['commandLine'] as number | undefined,
    dependsOn: tables(table['dependsOn']).map(readReference),
    timeout: table['timeout'],
    timeoutLine: line(table, 'timeoutLine'),
  };
}

function readWorkflow(table: Table): WorkflowDescription {
  return {
    ...placeOf(table),
    name: String(table['name']),
    description: text(table['description']),
    version: text(table['version']),
    tasks: tables(table['tasks']).map(readReference),
    config: table['config'] as Table,
    configLine: line(table, 'configLine'),
    onStart: lua(table['onStart']),
    onComplete: lua(table['onComplete']),
  };
}

function readReference(table: Table): TaskReference {
  const id = table['id'];
  return {...placeOf(table), id: typeof id === 'number' ? id : undefined, name: String(table['name'])};
}

function readProblem(table: Table, path: string): Problem {
  const {file, line: at} = placeOf(table);
  const word = text(table['word']);
  const guess = word && didYouMean(word, list(table['candidates']).map(String));
  const message = String(table['message']) + (guess ? ` (did you mean '${guess}'?)` : '');
  return {file: file || path, line: at, message};
}

function placeOf(table: Table): Place {
  return {file: String(table['file']), line: Number(table['line'])};
}

// Where a method was called, else where the definition began.
function line(table: Table, key: string): number {
  return Number(table[key] ?? table['line']);
}

function text(value: Sendable): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lua(value: Sendable): LuaFunction | undefined {
  return value instanceof LuaFunction ? value : undefined;
}

// An empty Lua table arrives as an empty object.
function list(value: Sendable): readonly Sendable[] {
  return Array.isArray(value) ? value : [];
}

function tables(value: Sendable): readonly Table[] {
  return list(value) as readonly Table[];
}
