import {formatDuration} from '../../util/format-duration.js';
import {withJunctions} from './junctions.js';
import {stateColors} from './render-dot.js';
import type {GraphNode, TaskGraph} from './task-graph.js';

/** A graph as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html), which many readers of Markdown draw. */
export function renderMermaid(graph: TaskGraph): string {
  const {edges, junctions} = withJunctions(graph);
  const ids = new Map(graph.nodes.map(({id}, index) => [id, `t${index}`]));
  const idOf = (task: string): string => ids.get(task) ?? task;
  const outside = graph.nodes.filter(({stage}) => stage === undefined);
  const states = Object.entries(stateColors).filter(([state]) => graph.nodes.some((node) => node.state === state));
  const critical = graph.nodes.filter((node) => node.critical).map(({id}) => idOf(id));
  const lines = [
    'flowchart LR',
    ...graph.stages.flatMap((stage, index) => [
      `  subgraph s${index}["${entities(stage)}"]`,
      ...graph.nodes.filter((node) => node.stage === stage).map((node) => `    ${nodeLine(node, idOf(node.id))}`),
      '  end',
    ]),
    ...outside.map((node) => `  ${nodeLine(node, idOf(node.id))}`),
    ...junctions.flatMap(({from, to}, index) => [
      `  j${index}(( ))`,
      ...from.map((task) => `  ${idOf(task)} -.- j${index}`),
      ...to.map((task) => `  j${index} -.-> ${idOf(task)}`),
    ]),
    ...edges.map(({from, to, kind, critical: on}) => {
      const arrow = kind === 'follows' ? '-.->' : on ? '==>' : '-->';
      return `  ${idOf(from)} ${arrow} ${idOf(to)}`;
    }),
    ...states.map(([state, [fill, border]]) => `  classDef ${state} fill:${fill},stroke:${border}`),
    '  classDef critical stroke:#c05621,stroke-width:3px',
    ...(critical.length > 0 ? [`  class ${critical.join(',')} critical`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function nodeLine({id, state, durationMs}: GraphNode, name: string): string {
  const time = durationMs === undefined ? '' : `<br/>${formatDuration(durationMs)}`;
  return `${name}["${entities(id)}${time}"]${state ? `:::${state}` : ''}`;
}

// Entities of Mermaid stand for what has a meaning in labels.
function entities(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ._:/-]/gu, (character) => `#${character.codePointAt(0)};`);
}
