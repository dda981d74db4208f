/**
 * The cycles of a graph, one per knot, each as the path around it without its end repeated: `['a', 'b']` for a that
 * needs b that needs a. Found by one depth-first walk; its own stack, because chains may be long.
 */
export function findCycles<Node>(nodes: Iterable<Node>, edgesOf: (node: Node) => readonly Node[]): Node[][] {
  const cycles: Node[][] = [];
  const done = new Set<Node>();
  for (const root of nodes) {
    if (done.has(root)) continue;
    const path: Node[] = [];
    const position = new Map<Node, number>();
    const pending: {readonly node: Node; readonly leave: boolean}[] = [{node: root, leave: false}];
    for (let step = pending.pop(); step; step = pending.pop()) {
      const {node, leave} = step;
      if (leave) {
        path.pop();
        position.delete(node);
        done.add(node);
        continue;
      }
      const start = position.get(node);
      if (start !== undefined) cycles.push(path.slice(start));
      if (start !== undefined || done.has(node)) continue;
      position.set(node, path.length);
      path.push(node);
      pending.push({node, leave: true});
      for (const next of [...edgesOf(node)].reverse()) pending.push({node: next, leave: false});
    }
  }
  return cycles;
}
