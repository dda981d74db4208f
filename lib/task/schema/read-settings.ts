import {didYouMean} from '../../util/did-you-mean.js';
import type {Place} from '../problem.js';
import type {DefinedValue, Entry} from '../reading/definition.js';
import {describeIssue, tellingIssues} from './describe-issue.js';
import type {Key, Keys, Settings} from './keys.js';
import {type UnsupportedKey, unsupportedKey} from './unsupported.js';
import {schemaInput} from './values.js';

/** Takes what is wrong, and what is only suspicious. */
export interface Reporter {
  problem(place: Place, message: string): void;
  warning(place: Place, message: string): void;
  /** `--allow-unsupported`. */
  readonly allowUnsupported: boolean;
}

/** What to read entries by. */
export interface SettingsReader<K extends Keys> {
  /** `task 'build'`. */
  readonly subject: string;
  readonly keys: K;
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  readonly on: UnsupportedKey['on'];
  readonly reporter: Reporter;
}

/** What was said of a definition, judged: and where each key was said last. */
export interface ReadSettings<K extends Keys> {
  readonly settings: Settings<K>;
  readonly places: ReadonlyMap<string, Place>;
}

/** Reads what was said of a definition. What is wrong is reported and left out. */
export function readSettings<K extends Keys>(entries: readonly Entry[], reader: SettingsReader<K>): ReadSettings<K> {
  const {subject, keys, aliases = {}, on, reporter} = reader;
  const settings: Record<string, unknown> = {};
  const places = new Map<string, Place>();
  for (const entry of entries) {
    const name = Object.hasOwn(aliases, entry.key) ? (aliases[entry.key] ?? entry.key) : entry.key;
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (reportUnsupported(entry, on, subject, reporter) || (!key && reportUnknown(entry, reader))) continue;
    if (!key) continue;
    places.set(name, entry);
    const value = valueIn(entry, key, subject, reporter);
    if (value === unusable) continue;
    const parsed = key.schema.safeParse(value, {reportInput: false});
    if (parsed.success) combine(settings, name, key, parsed.data);
    else {
      for (const issue of tellingIssues(parsed.error.issues)) {
        reporter.problem(entry, `${subject}: ${describeIssue(key.schema, entry.key, value, issue)}`);
      }
    }
  }
  return {settings: settings as Settings<K>, places};
}

const unusable = Symbol('unusable');

function valueIn(entry: Entry, {args}: Key, subject: string, reporter: Reporter): unknown {
  const {form, key} = entry;
  const values: readonly DefinedValue[] = entry.args;
  if (form === 'method' && values.length === 0) {
    reporter.problem(entry, `${subject}: '${key}' needs a value`);
    return unusable;
  }
  if (values.length === 1) return schemaInput(values[0]);
  if (args === 'many' || (args === 'with-options' && values.length === 2)) return values.map(schemaInput);
  const most = args === 'with-options' ? 'two values' : 'one value';
  reporter.problem(entry, `${subject}: '${key}' takes ${most}, got ${values.length}`);
  return unusable;
}

function combine(settings: Record<string, unknown>, name: string, {combine}: Key, value: unknown): void {
  switch (combine) {
    case 'all':
      settings[name] = [...((settings[name] as readonly unknown[] | undefined) ?? []), value];
      break;
    case 'merged':
      settings[name] = {...(settings[name] as object | undefined), ...(value as object)};
      break;
    default:
      settings[name] = value;
  }
}

// True when the entry is dealt with.
function reportUnsupported(entry: Entry, on: UnsupportedKey['on'], subject: string, reporter: Reporter): boolean {
  const known = unsupportedKey(on, entry.key);
  const [value] = entry.args;
  if (!known || (typeof value === 'string' && known.supported?.includes(value))) return false;
  refuse(entry, known, entry.args[0], `${subject}: ${entry.form} '${entry.key}'`, reporter);
  return true;
}

/** Says of a key whose machinery is missing what is to be said. */
export function refuse(place: Place, known: UnsupportedKey, value: unknown, what: string, reporter: Reporter): void {
  if (value === false) return;
  const missing = `${what} is not supported yet`;
  if (known.promises === 'observation') reporter.warning(place, `${missing} and has no effect`);
  else if (known.promises === 'function') reporter.problem(place, missing);
  else if (reporter.allowUnsupported) reporter.warning(place, `${missing}: what it promises does not hold`);
  else reporter.problem(place, `${missing}; --allow-unsupported runs without what it promises`);
}

function reportUnknown(
  {key, form, ...place}: Entry,
  {subject, keys, aliases = {}, reporter}: SettingsReader<Keys>,
): boolean {
  const guess = didYouMean(key, [...Object.keys(keys), ...Object.keys(aliases)]);
  reporter.problem(place, `${subject}: unknown ${form} '${key}'${guess ? ` (did you mean '${guess}'?)` : ''}`);
  return true;
}
