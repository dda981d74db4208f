import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {SecretMask} from '../../lib/util/secret-mask.js';

function maskOf(...secrets: readonly string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

describe('a mask', () => {
  it('hides secrets in text, the longer one where one contains another', () => {
    const mask = maskOf('hunter2', 'hunter2-extended', 'a.b*c');
    expect(mask.text('say hunter2 or hunter2-extended, a.b*c, aXbbc')).toBe('say *** or ***, ***, aXbbc');
  });

  it('hides each line of a secret with several', () => {
    const mask = maskOf('-----BEGIN-----\nabcdef\n');
    expect(mask.text('line: abcdef')).toBe('line: ***');
  });

  it('hides nothing so short that it would hide everything', () => {
    expect(maskOf('', 'a', ' \n ', 'yes').text('yes, a b')).toBe('yes, a b');
  });

  it('hides secrets in keys and values of JSON', () => {
    const mask = maskOf('hunter2');
    expect(mask.json({a: ['x hunter2'], hunter2: 1, n: null})).toEqual({a: ['x ***'], '***': 1, n: null});
  });

  it('finds a secret that arrives in pieces, wherever it is cut', () => {
    const secrets = ['hunter2', 'päßwörd', 'hunthunter'];
    const word = fc.oneof(fc.constantFrom(...secrets), fc.constantFrom('hun', 'ter', 'x', '\n', 'ä'));
    fc.assert(
      fc.property(fc.array(word, {maxLength: 12}), fc.array(fc.nat(9), {maxLength: 60}), (words, cuts) => {
        const mask = maskOf(...secrets);
        const stream = mask.stream();
        const bytes = Buffer.from(words.join(''));
        const shown: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          shown.push(stream.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        shown.push(stream.push(bytes.subarray(at)), stream.flush());
        const text = Buffer.concat(shown).toString();
        for (const secret of secrets) expect(text).not.toContain(secret);
        expect(text.replaceAll('***', '').length).toBeLessThanOrEqual(words.join('').length);
      }),
    );
  });

  it('changes nothing where there is no secret, and holds nothing back', () => {
    const stream = maskOf().stream();
    const bytes = Buffer.from([0xff, 0, 0x68]);
    expect(stream.push(bytes)).toBe(bytes);
    const masking = maskOf('hunter2').stream();
    expect(Buffer.from(masking.push(Buffer.from([0xff, 0x80, 0x0a])))).toEqual(Buffer.from([0xff, 0x80, 0x0a]));
    expect(Buffer.from(masking.push(Buffer.from('prompt> '))).toString()).toBe('prompt> ');
  });
});
