type Value = string | number | boolean;
type Combination = Readonly<Record<string, Value>>;

/** A matrix as a task has it: its axes, and what is taken out and added. */
export type Matrix = Readonly<Record<string, unknown>> & {
  readonly include?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly exclude?: readonly Readonly<Record<string, unknown>>[] | undefined;
};

/**
 * The combinations of a matrix, in order: every value of each axis with those of the others, without what matches an
 * `exclude`; then each `include` is added to the combinations it fits without changing one of their values, and is one of its own
 * where it fits none.
 *
 * @see The rules are those of GitHub Actions' `strategy.matrix`.
 */
export function combinationsOf(matrix: Matrix): readonly Combination[] {
  const {include = [], exclude = [], ...axes} = matrix;
  const names = Object.keys(axes);
  let combinations: Combination[] = names.length > 0 ? [{}] : [];
  for (const name of names) {
    const values = axes[name] as readonly Value[];
    combinations = combinations.flatMap((combination) => values.map((value) => ({...combination, [name]: value})));
  }
  combinations = combinations.filter((combination) => !exclude.some((pattern) => matches(combination, pattern)));
  const original = combinations.length;
  for (const addition of include) {
    const fits = (index: number): boolean =>
      names.every((name) => !(name in addition) || combinations[index]?.[name] === addition[name]);
    const indices = [...Array(original).keys()].filter(fits);
    for (const index of indices) combinations[index] = {...combinations[index], ...(addition as Combination)};
    if (indices.length === 0) combinations.push(addition as Combination);
  }
  return combinations;
}

function matches(combination: Combination, pattern: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([name, value]) => combination[name] === value);
}

/** `build[linux,20]`. */
export function matrixName(name: string, values: Combination): string {
  return `${name}[${Object.values(values).join(',')}]`;
}
