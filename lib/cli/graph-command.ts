import {writeFileSync} from 'node:fs';
import {renderDot} from '../task/graph/render-dot.js';
import {renderMermaid} from '../task/graph/render-mermaid.js';
import {renderWaves, type WavePaint} from '../task/graph/render-waves.js';
import {type NodeState, type TaskGraph, taskGraph} from '../task/graph/task-graph.js';
import {exitCode} from './exit-code.js';
import type {GraphFormat} from './graph-formats.js';
import {type Palette, paletteFor} from './palette.js';
import {lastRunOf} from './task-files/last-run.js';
import {withTaskFile} from './task-files/open-task-file.js';
import type {TaskFileFlags} from './task-files/task-flags.js';

/** The flags of `graph`. */
export interface GraphFlags {
  readonly format: GraphFormat;
  /** Where to; missing: stdout. */
  readonly out?: string | undefined;
}

/** Draws the workflows of a task file, with the states of the latest run; returns the exit code. */
export function graphCommand(path: string, flags: TaskFileFlags, {format, out}: GraphFlags): Promise<number> {
  return withTaskFile(path, flags, async ({file}) => {
    const lastRun = lastRunOf(path);
    const chosen = file.plan.workflows.filter(({name}) => flags.workflow === undefined || name === flags.workflow);
    const graphs = chosen.map((workflow) => taskGraph(workflow, lastRun(workflow.name)));
    if (graphs.length === 0) return complain(`there is no workflow '${flags.workflow}'`);
    if (graphs.length > 1 && (format === 'svg' || format === 'mermaid')) {
      const names = chosen.map(({name}) => name).join(', ');
      return complain(`--format ${format} draws one workflow: pick it with --workflow (${names})`);
    }
    const text = await render(graphs, format);
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text);
    return exitCode.ok;
  });
}

/** How lines of text are painted. */
export function wavePaint(palette: Palette): WavePaint {
  const paints: Readonly<Record<NodeState, (text: string) => string>> = {
    succeeded: palette.good,
    cached: palette.quiet,
    failed: palette.bad,
    skipped: palette.warn,
    cancelled: palette.warn,
    running: palette.warn,
  };
  return {quiet: palette.quiet, strong: palette.strong, state: (state, text) => paints[state](text)};
}

async function render(graphs: readonly TaskGraph[], format: GraphFormat): Promise<string> {
  const [first] = graphs;
  switch (format) {
    case 'ascii':
      return graphs.map((graph) => renderWaves(graph, wavePaint(paletteFor(process.stdout)))).join('\n');
    case 'dot':
      return graphs.map(renderDot).join('\n');
    case 'json':
      return `${JSON.stringify(graphs.length === 1 ? first : graphs, undefined, 2)}\n`;
    case 'mermaid':
      return graphs.map(renderMermaid).join('');
    case 'svg': {
      const {renderSvg} = await import('../task/graph/render-svg.js');
      return first ? renderSvg(first) : '';
    }
  }
}

function complain(message: string): number {
  process.stderr.write(`${paletteFor(process.stderr).bad('error:')} ${message}\n`);
  return exitCode.usage;
}
