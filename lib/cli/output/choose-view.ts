import type {Plan} from '../../task/plan.js';
import type {SecretMask} from '../../util/secret-mask.js';
import {paletteFor} from '../palette.js';
import {groupedView} from './grouped-view.js';
import {jsonView} from './json-view.js';
import {maskedView} from './masked-view.js';
import {type OutputMode, type OutputView, processStreams as streams} from './output-view.js';
import {plainView} from './plain-view.js';

/** How a run is to be shown. */
export interface ViewChoice {
  readonly mode: OutputMode | undefined;
  readonly mask: SecretMask;
  /** The plan, once there is one. */
  readonly plan: () => Plan | undefined;
}

/**
 * The view that was asked for; else the tree where stdout and stderr are a terminal, and grouped output elsewhere. GitHub
 * Actions gets its own commands with the latter.
 */
export async function chooseView({mode, mask, plan}: ViewChoice): Promise<OutputView> {
  const isTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
  const chosen = mode ?? (isTerminal && !process.env['CI'] ? 'tree' : 'grouped');
  const palette = paletteFor(process.stderr);
  const view = async (): Promise<OutputView> => {
    switch (chosen) {
      case 'json':
        return jsonView(streams);
      case 'plain':
        return plainView(streams, palette);
      case 'grouped':
        return groupedView(streams, palette, process.env['GITHUB_ACTIONS'] === 'true');
      case 'tree': {
        const {treeView} = await import('./tree-view.js');
        return treeView(streams, palette, (workflow) => stagesOf(plan(), workflow));
      }
    }
  };
  return maskedView(await view(), mask);
}

function stagesOf(plan: Plan | undefined, workflow: string): ReadonlyMap<string, readonly string[]> {
  const stages = plan?.workflows.find(({name}) => name === workflow)?.stages ?? [];
  return new Map(stages.map(({name, tasks}) => [name, tasks]));
}
