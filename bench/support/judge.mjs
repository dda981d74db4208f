import {summarize} from './statistics.mjs';

/**
 * One figure of all repetitions of a row, as it is printed and kept.
 *
 * A row answers for each figure with a number, or with `{ours, peer}`, where `peer` is the number of the figure's `peer`, or an
 * object of numbers by name. A promise is `{text, holds(value, ratio, ratios)}`: `ratio` is ours over the first peer's, `ratios`
 * has all by name. With `id` it is the target of that name, and `stretch`, of the same shape, what it could reach at best.
 *
 * @typedef {{title: string, unit: string, peer?: string | undefined, promise?: object, curve?: object}} Figure
 * @param {string} row
 * @param {string} name
 * @param {Figure} figure
 * @param {readonly Record<string, any>[]} runs
 * @returns {any} a line of the results.
 */
export function judge(row, name, {title, unit, promise, peer, curve}, runs) {
  const all = runs.map((run) => run[name]?.ours ?? run[name]);
  if (curve) return {row, figure: name, title, unit, curve: {...curve, points: middle(all)}};
  const ours = summarize(all, promise?.counts);
  const peers = peersOf(
    runs.map((run) => run[name]?.peer),
    peer,
    promise?.counts,
  );
  for (const one of peers) one.ratio = ours / one.value;
  const ratios = Object.fromEntries(peers.map((one) => [one.name, one.ratio]));
  const ratio = peers[0]?.ratio;
  return {
    row,
    figure: name,
    title,
    unit,
    ours,
    all,
    peers,
    ...(promise && {
      promise: {
        id: promise.id,
        text: promise.text,
        kept: promise.holds(ours, ratio, ratios),
        ...(promise.stretch && {
          stretch: {text: promise.stretch.text, reached: promise.stretch.holds(ours, ratio, ratios)},
        }),
      },
    }),
  };
}

function peersOf(measured, names, counts) {
  const byName = new Map();
  for (const one of measured) {
    const values = typeof one === 'number' ? {[[names].flat()[0]]: one} : (one ?? {});
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'number') byName.set(name, [...(byName.get(name) ?? []), value]);
    }
  }
  return [...byName].map(([name, all]) => ({name, value: summarize(all, counts), all}));
}

// A curve is a list of [x, y]; the median of each y.
function middle(curves) {
  return curves[0].map(([x], index) => [x, summarize(curves.map((points) => points[index][1]))]);
}
