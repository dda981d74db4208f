import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import * as z from 'zod';
import {textOf} from '../../util/text-of.js';

const grant = z.union([z.boolean(), z.array(z.string().min(1))], {error: 'true, false or a list of names'}).optional();

const declared = z.strictObject({
  /** Of the interface between plugins and the runner. */
  api: z.literal(1, {error: '1'}),
  main: z.string({error: 'a path'}).optional(),
  methods: z.string({error: 'a path'}).optional(),
  capabilities: z.strictObject({exec: grant, read: grant, write: grant, net: grant, env: grant}).optional(),
});

/** What a plugin says of itself, under `sloth-runner` in its package.json. */
export type PluginManifest = z.output<typeof declared>;

/** A plugin that was found. */
export interface FoundPlugin {
  readonly folder: string;
  readonly manifest: PluginManifest;
}

/**
 * Looks for a plugin in folders, in their order: the folder `NAME`, or the npm package `sloth-plugin-NAME`.
 *
 * @throws Error when it is nowhere, or its package.json is no manifest.
 */
export async function findPlugin(name: string, searchPaths: readonly string[]): Promise<FoundPlugin> {
  const places = searchPaths.flatMap((path) => [join(path, name), join(path, `sloth-plugin-${name}`)]);
  const folder = places.find((place) => existsSync(join(place, 'package.json')));
  if (folder === undefined) {
    throw new Error(`there is no plugin '${name}': looked for a package.json in ${places.join(', ')}`);
  }
  const path = join(folder, 'package.json');
  return {folder, manifest: await readManifest(name, path)};
}

async function readManifest(name: string, path: string): Promise<PluginManifest> {
  const wrong = (what: string): Error => new Error(`plugin '${name}': ${path}: ${what}`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw wrong(textOf(error));
  }
  const field =
    typeof content === 'object' && content !== null ? (content as Record<string, unknown>)['sloth-runner'] : undefined;
  if (field === undefined) throw wrong("it has no 'sloth-runner', so it is no plugin");
  const parsed = declared.safeParse(field);
  if (parsed.success) {
    if (parsed.data.main === undefined && parsed.data.methods === undefined)
      throw wrong("'sloth-runner' needs 'main', 'methods' or both");
    return parsed.data;
  }
  const said = parsed.error.issues.map((issue) => {
    const where = ['sloth-runner', ...issue.path].join('.');
    return issue.code === 'unrecognized_keys'
      ? `'${where}' has an unknown key ${issue.keys.map((key) => `'${key}'`).join(', ')}`
      : `'${where}' must be ${issue.message}`;
  });
  throw wrong(said.join('; '));
}
