/** Lua source as text, to look at or to show; what is not UTF-8 in it is replaced. */
export function sourceText(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
