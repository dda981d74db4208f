import {formatDuration} from '../../util/format-duration.js';
import type {GraphNode, NodeState, TaskGraph} from './task-graph.js';

/** How lines are painted; each returns its text unchanged where colours are not wanted. */
export interface WavePaint {
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly state: (state: NodeState, text: string) => string;
}

/** One sign for each state. */
export const stateSigns: Readonly<Record<NodeState, string>> = {
  succeeded: '✓',
  cached: '≡',
  failed: '✗',
  skipped: '-',
  cancelled: '-',
  running: '◌',
};

/**
 * A graph as lines of text: tasks by the round in which they can run at the earliest, each with what it waits for. What is
 * on the critical path is marked with `◆`.
 */
export function renderWaves(graph: TaskGraph, paint: WavePaint): string {
  const {nodes, edges, workflow, criticalMs} = graph;
  const waits = new Map<string, string[]>();
  for (const {from, to, kind} of edges) {
    waits.set(to, [...(waits.get(to) ?? []), kind === 'follows' ? `(${from})` : from]);
  }
  const count = `${nodes.length} ${nodes.length === 1 ? 'task' : 'tasks'}`;
  const path = criticalMs === undefined ? '' : `, critical path ${formatDuration(criticalMs)}`;
  const widest = Math.min(40, Math.max(0, ...nodes.map(({id}) => id.length)));
  const lines = [`${paint.strong(workflow)}  ${paint.quiet(`${count}${path}`)}`];
  let wave = -1;
  for (const node of [...nodes].sort((a, b) => a.wave - b.wave)) {
    const number = node.wave === wave ? '' : String(node.wave + 1);
    wave = node.wave;
    lines.push(`${paint.quiet(number.padStart(4))} ${lineOf(node, widest, waits.get(node.id) ?? [], paint)}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

function lineOf(node: GraphNode, width: number, waits: readonly string[], paint: WavePaint): string {
  const {id, state, durationMs, critical} = node;
  const sign = state ? paint.state(state, stateSigns[state]) : ' ';
  const name = critical ? paint.strong(id.padEnd(width)) : id.padEnd(width);
  const time = durationMs === undefined ? '' : formatDuration(durationMs);
  const shown = waits.length > 6 ? [...waits.slice(0, 5), `${waits.length - 5} more`] : waits;
  const after = shown.length > 0 ? `← ${shown.join(', ')}` : '';
  return `${critical ? '◆' : '·'} ${sign} ${name} ${paint.quiet(`${time.padStart(7)}  ${after}`)}`;
}
