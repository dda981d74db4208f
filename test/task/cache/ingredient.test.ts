import {chmodSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {canonicalJson} from '../../../lib/task/cache/canonical-json.js';
import {findFiles} from '../../../lib/task/cache/find-files.js';
import {hashInput} from '../../../lib/task/cache/hash-file.js';
import {cacheKeyOf, compareIngredients, type Ingredient} from '../../../lib/task/cache/ingredient.js';
import {decodeLog, encodeLog, OutputLog} from '../../../lib/task/cache/output-log.js';
import {temporaryFolder} from '../../support/bundle-program.js';

const param = (name: string, digest: string, shown?: string): Ingredient => ({kind: 'param', name, digest, shown});

it('the order of ingredients does not change the key; each of their parts does', () => {
  const [a, b] = [param('a', '1'), param('b', '2')];
  const key = cacheKeyOf('t', [a, b]);
  expect(cacheKeyOf('t', [b, a])).toBe(key);
  const others = [
    cacheKeyOf('u', [a, b]),
    cacheKeyOf('t', [a]),
    cacheKeyOf('t', [a, param('b', '3')]),
    cacheKeyOf('t', [a, param('c', '2')]),
    cacheKeyOf('t', [a, {...b, kind: 'env'}]),
    cacheKeyOf('t', [a, param('b","2', '')]),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
});

it('tells what was added, removed and changed', () => {
  const before = [param('level', '1', '"debug"'), param('gone', '2'), param('same', '3')];
  const after = [
    param('same', '3'),
    param('level', '9', '"release"'),
    {kind: 'input', name: 'a.c', digest: '4'} as const,
  ];
  expect(compareIngredients(before, after)).toEqual([
    {what: 'added', kind: 'input', name: 'a.c'},
    {what: 'removed', kind: 'param', name: 'gone'},
    {what: 'changed', kind: 'param', name: 'level', before: '"debug"', after: '"release"'},
  ]);
});

it('an input changes with its content and with whether it can be executed', async () => {
  const root = temporaryFolder();
  onTestFinished(() => rmSync(root, {recursive: true, force: true}));
  const path = join(root, 'a');
  writeFileSync(path, 'one');
  const seen = [await hashInput(path)];
  chmodSync(path, 0o755);
  seen.push(await hashInput(path));
  writeFileSync(path, 'two');
  seen.push(await hashInput(path));
  expect(new Set(seen).size).toBe(3);
});

it('globs find files in a stable order, and never what the runner keeps itself', async () => {
  const root = temporaryFolder();
  onTestFinished(() => rmSync(root, {recursive: true, force: true}));
  for (const folder of ['src/deep', '.sloth/cache', '.git']) mkdirSync(join(root, folder), {recursive: true});
  for (const path of ['src/b.c', 'src/a.c', 'src/deep/c.c', 'src/a.h', '.sloth/cache/d.c', '.git/e.c', '.f.c'])
    writeFileSync(join(root, path), '');
  expect(await findFiles(root, ['**/*.c'])).toEqual(['.f.c', 'src/a.c', 'src/b.c', 'src/deep/c.c']);
  expect(await findFiles(root, ['src/**', '!src/deep/**'])).toEqual(['src/a.c', 'src/a.h', 'src/b.c']);
  expect(await findFiles(root, ['src/a.c', 'src/*.c', 'nowhere/*'])).toEqual(['src/a.c', 'src/b.c']);
  await expect(findFiles(root, [''])).rejects.toThrow('a glob is empty');
});

it('equal values are equal JSON whatever the order of their keys', () => {
  expect(canonicalJson({b: [{d: 1, c: 2}], a: null})).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});

it('a log comes back in pieces, without one that is not whole', () => {
  const log = new OutputLog(10);
  log.add('stdout', Buffer.from('12345'));
  log.add('stderr', Buffer.from([0xff, 0]));
  log.add('stdout', Buffer.from('too much'));
  const bytes = encodeLog(log.pieces);
  const read = (from: Buffer): unknown => decodeLog(from).map(({stream, bytes: piece}) => [stream, Buffer.from(piece)]);
  const note = ['stderr', Buffer.from('[8 more bytes were not kept]\n')];
  expect(read(bytes)).toEqual([['stdout', Buffer.from('12345')], ['stderr', Buffer.from([0xff, 0])], note]);
  expect(read(bytes.subarray(0, bytes.length - 1))).toHaveLength(2);
});
