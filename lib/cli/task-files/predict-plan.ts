import {CacheKeeper} from '../../task/cache/cache-keeper.js';
import {type Prediction, predictCache} from '../../task/cache/predict.js';
import {SlothFolder} from '../../task/journal/sloth-folder.js';
import type {Plan} from '../../task/plan.js';
import type {PrepareOptions} from '../../task/run-task-file.js';
import type {Secrets} from './read-secrets.js';

/** What the cache beside a task file would restore for a plan. */
export function predictPlan(
  plan: Plan,
  path: string,
  about: {
    readonly sources: ReadonlyMap<string, string>;
    readonly values: PrepareOptions['values'];
    readonly secrets: Secrets;
    readonly signal: AbortSignal;
  },
): Promise<readonly Prediction[]> {
  const {sources, values = {}, secrets, signal} = about;
  const keeper = new CacheKeeper({
    folder: SlothFolder.of(path).cache,
    maxBytes: Number.POSITIVE_INFINITY,
    warn: () => undefined,
    mask: secrets.mask,
    findSecret: secrets.named,
    signal,
  });
  return predictCache(plan, {keeper, path, sources, values, environment: {...process.env}, workdir: process.cwd()});
}
