import type {LuaReferenceEntry} from '../../lua-reference.js';
import {parseArguments, type Slot} from '../../util/parse-signature.js';
import {manualLink, spellingOf} from './catalogue.js';

/** Each form of the call with its arguments: `mutex:lock([timeout])`. */
export function callForms(entry: LuaReferenceEntry): readonly string[] {
  return parseArguments(entry.arguments).map((slots) => `${spellingOf(entry)}(${slotNames(slots)})`);
}

function slotNames(slots: readonly Slot[]): string {
  const names = slots.map(({name, optional}, index) => {
    const separated = index === 0 ? name : `, ${name}`;
    return optional ? ` [${separated}]`.replace(/^ (?=\[[^,])/, '') : separated;
  });
  return names.join('');
}

/** What is worth knowing about a function besides what it does, as pairs of a word and a sentence. */
export function factsOf(entry: LuaReferenceEntry): readonly (readonly [word: string, text: string])[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['arguments', entry.arguments],
    ['returns', entry.results],
    ['durations', {ms: 'in milliseconds', s: 'in seconds', '': ''}[entry.units]],
    ['errors', entry.errors],
    ['permission', entry.permission && `\`--${entry.permission}\``],
    ['may switch', entry.maySwitch],
    ['since', entry.since],
    ['manual', manualLink(entry)],
  ];
  return pairs.flatMap(([word, text]) => (text ? [[word, text] as const] : []));
}
