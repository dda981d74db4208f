import {formatDuration} from '../../util/format-duration.js';
import {withJunctions} from './junctions.js';
import type {GraphNode, NodeState, TaskGraph} from './task-graph.js';

/** What each state is painted with: fill and border. */
export const stateColors: Readonly<Record<NodeState, readonly [fill: string, border: string]>> = {
  succeeded: ['#dcf5e3', '#2f855a'],
  cached: ['#dbeafe', '#2563a8'],
  failed: ['#fde2e1', '#c53030'],
  skipped: ['#eeeeee', '#888888'],
  cancelled: ['#fdf0d5', '#b7791f'],
  running: ['#fff7cc', '#a58b00'],
};
const neutral = ['#ffffff', '#555555'] as const;
const criticalColor = '#c05621';

/** Above this many nodes and edges a graph is laid out quickly rather than beautifully. */
const largeFrom = 400;

/** A graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
export function renderDot(graph: TaskGraph): string {
  const {edges, junctions} = withJunctions(graph);
  const ids = new Map(graph.nodes.map(({id}, index) => [id, `t${index}`]));
  const idOf = (task: string): string => ids.get(task) ?? quote(task);
  const isLarge = graph.nodes.length + edges.length > largeFrom;
  const outside = graph.nodes.filter(({stage}) => stage === undefined);
  const lines = [
    `digraph ${quote(graph.workflow)} {`,
    '  rankdir=LR; bgcolor="white"; fontname="Helvetica"; nodesep=0.25; ranksep=0.5;',
    // The simplex and the routing of curves take most of the time: a thousand tasks in 0.1 s instead of up to 20 s.
    ...(isLarge ? ['  splines=line; nslimit=0.1; nslimit1=0.1; mclimit=0.1;'] : []),
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=12, margin="0.15,0.07"];',
    '  edge [color="#777777", arrowsize=0.7];',
    ...graph.stages.flatMap((stage, index) => {
      const members = graph.nodes.filter((node) => node.stage === stage);
      return [
        `  subgraph cluster_${index} {`,
        `    label=${quote(stage)}; color="#bbbbbb"; fontcolor="#555555"; fontsize=11; style="rounded";`,
        ...members.map((node) => `    ${nodeLine(node, idOf(node.id))}`),
        '  }',
      ];
    }),
    ...outside.map((node) => `  ${nodeLine(node, idOf(node.id))}`),
    ...junctions.flatMap(({from, to}, index) => [
      `  j${index} [shape=point, width=0.06, label="", tooltip=""];`,
      ...from.map((task) => `  ${idOf(task)} -> j${index} [style=dashed, dir=none];`),
      ...to.map((task) => `  j${index} -> ${idOf(task)} [style=dashed];`),
    ]),
    ...edges.map(({from, to, kind, critical}) => {
      const style = [
        ...(kind === 'follows' ? ['style=dashed'] : []),
        ...(critical ? [`color="${criticalColor}"`, 'penwidth=2'] : []),
      ];
      return `  ${idOf(from)} -> ${idOf(to)}${style.length > 0 ? ` [${style.join(', ')}]` : ''};`;
    }),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function nodeLine({id, description, state, durationMs, critical}: GraphNode, name: string): string {
  const [fill, border] = state ? stateColors[state] : neutral;
  const time = durationMs === undefined ? '' : `\n${formatDuration(durationMs)}`;
  const tooltip = [id, state, description].filter((part) => part !== undefined).join(': ');
  const style = critical ? `, penwidth=2, color="${criticalColor}"` : `, color="${border}"`;
  return `${name} [label=${quote(id + time)}, fillcolor="${fill}"${style}, tooltip=${quote(tooltip)}];`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\0', '')}"`;
}
