import type {GraphEdge, TaskGraph} from './task-graph.js';

/** A point through which every one of `from` reaches every one of `to`. */
export interface Junction {
  readonly id: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** The edges of a graph as they are drawn. */
export interface DrawnEdges {
  readonly edges: readonly GraphEdge[];
  readonly junctions: readonly Junction[];
}

/**
 * Where several tasks all follow the same several others, as stages do, they are drawn through one point: n + m lines
 * instead of n times m.
 */
export function withJunctions({edges}: TaskGraph): DrawnEdges {
  const followed = new Map<string, string[]>();
  for (const {from, to, kind} of edges) {
    if (kind === 'follows') followed.set(to, [...(followed.get(to) ?? []), from]);
  }
  const groups = new Map<string, {readonly from: readonly string[]; readonly to: string[]}>();
  for (const [to, from] of followed) {
    const key = JSON.stringify(from);
    const group = groups.get(key) ?? {from, to: []};
    groups.set(key, group);
    group.to.push(to);
  }
  const junctions = [...groups.values()]
    .filter(({from, to}) => from.length > 1 && to.length > 1)
    .map(({from, to}, index) => ({id: `junction ${index + 1}`, from, to}));
  const through = new Set(junctions.flatMap(({to}) => to));
  return {junctions, edges: edges.filter(({to, kind}) => kind === 'needs' || !through.has(to))};
}
