import {styleText} from 'node:util';

/** Colours by what they mean; each returns its text unchanged where colours are not wanted. */
export interface Palette {
  bad(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  quiet(text: string): string;
  strong(text: string): string;
}

/** Colours for a terminal. Elsewhere none, unless FORCE_COLOR asks; NO_COLOR switches them off. */
export function paletteFor(stream: NodeJS.WriteStream): Palette {
  const on = wantsColor(stream);
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => (on ? styleText(format, text) : text);
  return {bad: paint('red'), good: paint('green'), warn: paint('yellow'), quiet: paint('dim'), strong: paint('bold')};
}

function wantsColor(stream: NodeJS.WriteStream): boolean {
  const {FORCE_COLOR: forced, NO_COLOR: refused} = process.env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused) return false;
  return stream.isTTY === true && stream.hasColors();
}
