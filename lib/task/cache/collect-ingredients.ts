import {createHmac} from 'node:crypto';
import {basename, join} from 'node:path';
import type {SecretMask} from '../../util/secret-mask.js';
import type {CacheInputs} from '../execution/execution-store.js';
import {storeValue} from '../journal/stored-value.js';
import {canonicalJson} from './canonical-json.js';
import {findFiles} from './find-files.js';
import {hashInput} from './hash-file.js';
import {digestOf, type Ingredient} from './ingredient.js';
import {mapLimited} from './map-limited.js';

const parallelFiles = 16;
const shownLength = 60;

/** What cannot be read off a task's {@link CacheInputs}. */
export interface IngredientSources {
  /** Keys the digests of what may be secret. */
  readonly secret: Uint8Array;
  /** A digest of the files that a task of this run made, if it declared any. */
  readonly filesOf: (task: string) => string | undefined;
  /** What may be shown of a text. */
  readonly mask: SecretMask;
}

/** Everything that a task's result is made from. */
export async function collectIngredients(
  inputs: CacheInputs,
  sources: IngredientSources,
): Promise<readonly Ingredient[]> {
  const {task, params, values, dependencies, env, workdir, source, key} = inputs;
  const {secret, filesOf, mask} = sources;
  const keyed = (text: string): string => createHmac('sha256', secret).update(text).digest('hex');
  const valueText = (value: CacheInputs['params'][string]): string => canonicalJson(storeValue(value, '').value);
  const files = await findFiles(workdir, task.cache.inputs);
  return [
    {kind: task.action.kind === 'shell' ? 'command' : 'source', name: '', digest: digestOf(source)},
    {kind: 'setting', name: 'outputs', digest: digestOf(canonicalJson(task.cache.outputs))},
    ...(task.user === undefined ? [] : [{kind: 'setting', name: 'user', digest: digestOf(task.user)} as const]),
    // A function may call whatever stands in its files.
    ...[...inputs.files].map(([path, text]): Ingredient => {
      return {kind: 'source', name: basename(path), digest: digestOf(text)};
    }),
    ...Object.entries(values).map(([name, value]): Ingredient => {
      const text = valueText(value);
      return {kind: 'value', name, digest: keyed(text), shown: shorten(mask.text(text))};
    }),
    ...Object.entries(params).map(([name, value]): Ingredient => {
      const text = valueText(value);
      return {kind: 'param', name, digest: keyed(text), shown: shorten(mask.text(text))};
    }),
    ...Object.entries(env).map(([name, value]): Ingredient => ({kind: 'env', name, digest: keyed(value)})),
    ...Object.entries(dependencies).map(([name, value]): Ingredient => {
      return {kind: 'dependency', name, digest: keyed(`${valueText(value)} ${filesOf(name) ?? ''}`)};
    }),
    ...(key === undefined
      ? []
      : [{kind: 'key', name: '', digest: keyed(key), shown: shorten(mask.text(key))} as const]),
    ...(await mapLimited(files, parallelFiles, async (path): Promise<Ingredient> => {
      return {kind: 'input', name: path, digest: await hashInput(join(workdir, path))};
    })),
  ];
}

function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
}
