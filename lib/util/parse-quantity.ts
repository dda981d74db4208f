/** What a quantity counts: its units follow from it. */
export type QuantityKind = 'cores' | 'bytes' | 'bits a second';

const decimal = {k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12} as const;

const factors: Readonly<Record<QuantityKind, Readonly<Record<string, number>>>> = {
  cores: {'': 1, m: 1e-3},
  bytes: {'': 1, ...decimal, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40},
  'bits a second': {'': 1, bps: 1, kbps: 1e3, Kbps: 1e3, Mbps: 1e6, Gbps: 1e9, Tbps: 1e12},
};

/**
 * Reads a quantity as resource requests write it: of cores `"500m"` is 0.5, of bytes `"1Gi"` is 2^30 and `"1G"` 10^9, of bits a
 * second `"1Gbps"` is 10^9; a number is itself. Bytes may say so: `"8GiB"`.
 *
 * @returns `undefined` when the value is no quantity of that kind, negative or not finite.
 *
 * @see The notation is that of Kubernetes, https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(value: unknown, kind: QuantityKind): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value) ?? [];
  const name = kind === 'bytes' ? unit.replace(/B$/, '') : unit;
  const factor = Object.hasOwn(factors[kind], name) ? factors[kind][name] : undefined;
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
