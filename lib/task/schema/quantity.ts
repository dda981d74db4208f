const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Kbps: 1e3,
  Mbps: 1e6,
  Gbps: 1e9,
};

/**
 * Reads a quantity as resource requests write it: `"500m"` is 0.5, `"1Gi"` 2^30, `"1Gbps"` 10^9 (bits a second); a number
 * is itself.
 *
 * @returns `undefined` when the value is no quantity, negative or not finite.
 *
 * @see The notation is that of Kubernetes, https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value) ?? [];
  const factor = factors[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
