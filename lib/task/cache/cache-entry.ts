import {z} from 'zod';
import type {StoredValue} from '../journal/stored-value.js';
import {outputFile} from './output-files.js';

const kinds = ['source', 'command', 'setting', 'param', 'value', 'env', 'input', 'dependency', 'key'] as const;

const ingredient = z.object({
  kind: z.enum(kinds),
  name: z.string(),
  digest: z.string(),
  shown: z.string().optional(),
});

const digest = z.string().regex(/^[\da-f]{64}$/);

/** What the cache keeps for one key, as JSON in `ac/<two digits>/<key>`. */
export const cacheEntry = z.object({
  version: z.literal(1),
  task: z.string(),
  /** When it was made, ms since 1970. */
  createdAt: z.number(),
  /** How long the task took. */
  durationMs: z.number().nonnegative(),
  message: z.string().optional(),
  value: z.custom<StoredValue>(() => true),
  /** A list, stored as one value. */
  emitted: z.custom<StoredValue>(() => true).optional(),
  outputs: z.array(outputFile),
  /** Where what the task wrote is kept. */
  log: digest,
  ingredients: z.array(ingredient),
});
export type CacheEntry = z.infer<typeof cacheEntry>;

/** The digests of all content an entry needs. */
export function blobsOf({log, outputs}: CacheEntry): readonly string[] {
  return [log, ...outputs.flatMap((file) => (file.kind === 'file' ? [file.digest] : []))];
}

/** The room an entry takes with its content, in bytes; its log and itself not counted. */
export function bytesOf({outputs}: CacheEntry): number {
  return outputs.reduce((sum, file) => sum + (file.kind === 'file' ? file.bytes : 0), 0);
}
