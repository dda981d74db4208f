import {decodeJson} from './codecs.js';

/** An element may be so long, in characters. */
const longest = 64 * 1024 * 1024;

/** The elements of a JSON list, each as soon as it is whole. @throws Error for what is no list. */
export async function* jsonElements(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let element = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let ended = false;
  for await (const piece of pieces) {
    let start = 0;
    for (let i = 0; i < piece.length; i += 1) {
      const char = piece[i] as string;
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        continue;
      }
      if (depth === 0) {
        if (/[\s\uFEFF]/.test(char)) continue;
        if (char !== '[' || ended) throw new Error('a JSON list expected, and nothing behind it');
        depth = 1;
        start = i + 1;
      } else if (char === '"') inString = true;
      else if (char === '[' || char === '{') depth += 1;
      else if (char === ',' && depth === 1) {
        yield decodeJson(element + piece.slice(start, i));
        element = '';
        start = i + 1;
      } else if (char === ']' || char === '}') {
        depth -= 1;
        if (depth > 0) continue;
        const last = element + piece.slice(start, i);
        if (last.trim() !== '') yield decodeJson(last);
        element = '';
        start = i + 1;
        ended = true;
      }
    }
    if (depth > 0) element += piece.slice(start);
    if (element.length > longest) throw new Error('an element of the list is longer than 64 Mi characters');
  }
  if (!ended) throw new Error('the JSON list does not end');
}
