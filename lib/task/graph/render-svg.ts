import {renderDot} from './render-dot.js';
import type {TaskGraph} from './task-graph.js';

/** A graph as an SVG document, laid out by Graphviz. */
export async function renderSvg(graph: TaskGraph): Promise<string> {
  const {instance} = await import('@viz-js/viz');
  const viz = await instance();
  const result = viz.render(renderDot(graph), {format: 'svg', engine: 'dot'});
  if (result.status === 'success') return result.output;
  throw new Error(`Graphviz could not draw the graph: ${result.errors.map(({message}) => message).join('; ')}`);
}
