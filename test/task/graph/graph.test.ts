import {describe, expect, it} from 'vitest';
import {renderDot} from '../../../lib/task/graph/render-dot.js';
import {renderMermaid} from '../../../lib/task/graph/render-mermaid.js';
import {renderSvg} from '../../../lib/task/graph/render-svg.js';
import {renderWaves} from '../../../lib/task/graph/render-waves.js';
import {type DrawnTask, type DrawnWorkflow, taskGraph} from '../../../lib/task/graph/task-graph.js';

function task(name: string, dependsOn: readonly string[] = [], more: Partial<DrawnTask> = {}): DrawnTask {
  return {name, dependsOn, follows: [], stage: undefined, description: undefined, ...more};
}

const plain = {
  quiet: (text: string) => text,
  strong: (text: string) => text,
  state: (_: unknown, text: string) => text,
};

const build: DrawnWorkflow = {
  name: 'nightly',
  stages: [{name: ''}],
  tasks: [
    task('report', ['test', 'lint']),
    task('prepare'),
    task('compile', ['prepare']),
    task('test', ['compile']),
    task('lint', ['prepare']),
  ],
};

describe('a graph', () => {
  it('has each task after what it waits for, and the earliest round in which it can run', () => {
    const {nodes} = taskGraph(build);
    expect(nodes.map(({id, wave}) => [id, wave])).toEqual([
      ['prepare', 0],
      ['compile', 1],
      ['test', 2],
      ['lint', 1],
      ['report', 3],
    ]);
  });

  it('marks the longest path: by tasks, or by their durations once they are known', () => {
    const pathOf = (graph: ReturnType<typeof taskGraph>): string[] =>
      graph.nodes.filter(({critical}) => critical).map(({id}) => id);
    expect(pathOf(taskGraph(build))).toEqual(['prepare', 'compile', 'test', 'report']);
    const graph = taskGraph(build, (name) => ({durationMs: name === 'lint' ? 9000 : 100}));
    expect(pathOf(graph)).toEqual(['prepare', 'lint', 'report']);
    expect(graph.criticalMs).toBe(9200);
    expect(graph.edges.filter(({critical}) => critical).map(({from, to}) => `${from} ${to}`)).toEqual([
      'prepare lint',
      'lint report',
    ]);
  });

  it('as text lists the rounds', () => {
    const states = {prepare: 'cached', compile: 'succeeded', test: 'failed', report: 'skipped'} as const;
    const graph = taskGraph(build, (name) => ({state: states[name as keyof typeof states], durationMs: 1500}));
    expect(renderWaves(graph, plain).split('\n')).toEqual([
      'nightly  5 tasks, critical path 6.0s',
      '   1 ◆ ≡ prepare    1.5s',
      '   2 ◆ ✓ compile    1.5s  ← prepare',
      '     ·   lint       1.5s  ← prepare',
      '   3 ◆ ✗ test       1.5s  ← compile',
      '   4 ◆ - report     1.5s  ← test, lint',
      '',
    ]);
  });

  it('draws stages as boxes and what follows a whole stage through one point', () => {
    const first = ['a', 'b', 'c'].map((name) => task(name, [], {stage: 'one'}));
    const second = ['d', 'e'].map((name) => task(name, [], {stage: 'two', follows: ['a', 'b', 'c']}));
    const graph = taskGraph({name: 'w', stages: [{name: 'one'}, {name: 'two'}], tasks: [...first, ...second]});
    const dot = renderDot(graph);
    expect(dot.match(/->/g)).toHaveLength(5);
    expect(dot).toContain('label="two"');
    expect(renderMermaid(graph).match(/-\.-/g)).toHaveLength(5);
    expect(renderMermaid(graph)).toContain('subgraph s1["two"]');
  });

  it.each([['quotes " and \\ and \n lines'], ['<b>&amp;</b>'], ['end'], ['}; evil [shape=none]'], ['日本語 🚀']])(
    'survives a task called %j in every format',
    async (name) => {
      const graph = taskGraph({name, stages: [{name}], tasks: [task(name, [], {stage: name}), task('other', [name])]});
      const svg = await renderSvg(graph);
      expect(svg.match(/<g id="node/g)).toHaveLength(2);
      expect(svg).not.toContain('<b>');
      expect(svg).toMatch(/<\/svg>\s*$/);
      expect(renderMermaid(graph).split('\n')).toHaveLength(9);
    },
  );

  it('of a thousand tasks that depend on many others is drawn', {timeout: 20_000}, async () => {
    const tasks = Array.from({length: 1000}, (_, i) => {
      const before = [1, 2, 3].map((k) => i - 1 - ((i * 7919 + k * 104_729) % 30)).filter((j) => j >= 0);
      return task(
        `task ${i}`,
        [...new Set(before)].map((j) => `task ${j}`),
      );
    });
    const svg = await renderSvg(taskGraph({name: 'large', stages: [], tasks}));
    expect(svg.match(/<g id="node/g)).toHaveLength(1000);
  });
});
