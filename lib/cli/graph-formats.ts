/** The formats of `graph`. */
export const graphFormats = ['ascii', 'svg', 'mermaid', 'dot', 'json'] as const;
export type GraphFormat = (typeof graphFormats)[number];
