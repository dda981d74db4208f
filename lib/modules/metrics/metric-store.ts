export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** What is kept of a histogram's observations for its quantiles. */
const mostKept = 1000;
/** Series of labels a metric may have. */
const mostSeries = 10_000;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
  count: number;
  min: number;
  max: number;
  readonly last: number[];
}

interface Metric {
  readonly kind: MetricKind;
  readonly series: Map<string, Series>;
}

/** The metrics of one runtime. */
export class MetricStore {
  readonly #metrics = new Map<string, Metric>();

  /** @throws Error for a name that is none, or that another kind has. */
  record(kind: MetricKind, name: string, value: number, labels: Readonly<Record<string, string>>): Series {
    if (!/^[A-Za-z_:][\w:]*$/.test(name))
      throw new Error(`"${name}" is no name of a metric: letters, digits and _ expected`);
    if (!Number.isFinite(value)) throw new Error(`a finite number expected, got ${value}`);
    if (kind === 'counter' && value < 0)
      throw new Error(`a counter only grows: a number of at least 0 expected, got ${value}`);
    const series = this.#series(kind, name, labels);
    if (kind === 'gauge') series.value = value;
    else series.value += value;
    series.count += 1;
    if (kind === 'histogram') {
      series.min = Math.min(series.min, value);
      series.max = Math.max(series.max, value);
      series.last.push(value);
      if (series.last.length > mostKept) series.last.shift();
    }
    return series;
  }

  get(name: string, labels: Readonly<Record<string, string>>): Record<string, string | number> | undefined {
    const metric = this.#metrics.get(name);
    const series = metric?.series.get(keyOf(labels));
    if (!metric || !series) return undefined;
    if (metric.kind !== 'histogram') return {type: metric.kind, value: series.value};
    const {count, value: sum, min, max} = series;
    const sorted = [...series.last].sort((a, b) => a - b);
    const quantile = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
    return {
      type: metric.kind,
      count,
      sum,
      min,
      max,
      mean: sum / count,
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
    };
  }

  names(): readonly string[] {
    return [...this.#metrics.keys()].sort();
  }

  /** The text format of Prometheus. */
  text(): string {
    const lines: string[] = [];
    for (const name of this.names()) {
      const metric = this.#metrics.get(name) as Metric;
      lines.push(`# TYPE ${name} ${metric.kind === 'histogram' ? 'summary' : metric.kind}`);
      for (const series of metric.series.values()) {
        if (metric.kind !== 'histogram') lines.push(`${name}${shown(series.labels)} ${series.value}`);
        else
          lines.push(
            `${name}_sum${shown(series.labels)} ${series.value}`,
            `${name}_count${shown(series.labels)} ${series.count}`,
          );
      }
    }
    return lines.map((line) => `${line}\n`).join('');
  }

  #series(kind: MetricKind, name: string, labels: Readonly<Record<string, string>>): Series {
    const metric = this.#metrics.get(name) ?? {kind, series: new Map()};
    if (metric.kind !== kind) throw new Error(`'${name}' is a ${metric.kind}, not a ${kind}`);
    this.#metrics.set(name, metric);
    const key = keyOf(labels);
    const known = metric.series.get(key);
    if (known) return known;
    if (metric.series.size >= mostSeries)
      throw new Error(`'${name}' has ${mostSeries} series already: its labels take too many values`);
    const series = {labels, value: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, last: []};
    metric.series.set(key, series);
    return series;
  }
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shown(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
