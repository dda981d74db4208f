import type {Palette} from './palette.js';

/**
 * A syntax error with the line it is about and a caret under the token Lua names:
 *
 * ```
 * demo.lua:2: unexpected symbol near '...'
 *   2 | local h = goroutine.async(function() ... end)
 *     |                                      ^^^
 * hint: `...` stands for code here; put your own in its place
 * ```
 */
export function renderSyntaxError(message: string, source: string, palette: Palette): string {
  const [, lineText = '', near = ''] = /:(\d+): .*? near (<eof>|'.*')$/s.exec(message) ?? [];
  const line = source.split(/\r\n|\n\r|\r|\n/)[Number(lineText) - 1];
  const rendered = [`${palette.bad('error:')} ${message}`];
  if (line !== undefined && near !== '') {
    const token = near === '<eof>' ? '' : near.slice(1, -1);
    const column = near === '<eof>' ? line.length : columnOf(token, line);
    const gutter = ' '.repeat(lineText.length);
    rendered.push(palette.quiet(`  ${lineText} | `) + line);
    if (column >= 0) rendered.push(palette.quiet(`  ${gutter} | `) + caretUnder(line, column, token));
  }
  if (near === "'...'")
    rendered.push(`${palette.strong('hint:')} \`...\` stands for code here; put your own in its place`);
  return rendered.join('\n');
}

// Where the token stands as a token: `end` is not the end of `append`, nor `.` part of `...`.
function columnOf(token: string, line: string): number {
  const literal = token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const kind = /^\w/.test(token) ? '\\w' : '[.=~<>:/]';
  const whole = new RegExp(`(?<!${kind})${literal}(?!${kind})`).exec(line);
  return whole ? whole.index : line.indexOf(token);
}

function caretUnder(line: string, column: number, token: string): string {
  const indent = line.slice(0, column).replace(/[^\t]/g, ' ');
  return indent + '^'.repeat(Math.max(token.length, 1));
}
