/** Where a placeholder takes its value from. */
export type PlaceholderSource = 'params' | 'values' | 'env' | 'deps';

/** `${params.region}` in a text. */
export interface Placeholder {
  readonly from: PlaceholderSource;
  readonly path: readonly string[];
  /** `${x|raw}`: into a command line as text. */
  readonly raw: boolean;
  /** As written. */
  readonly text: string;
  /** Where it begins in the text. */
  readonly offset: number;
}

/** A text with placeholders, filled in when a task starts. */
export interface Template {
  readonly text: string;
  /** Literal pieces and placeholders, in order. */
  readonly parts: readonly (string | Placeholder)[];
}
