import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {evictOldest} from '../../../lib/task/cache/evict-oldest.js';
import {cacheKeyOf, digestOf, type Ingredient} from '../../../lib/task/cache/ingredient.js';
import {ResultCache, type TaskLeft} from '../../../lib/task/cache/result-cache.js';
import {temporaryFolder} from '../../support/bundle-program.js';

let root = '';
let warnings: string[] = [];
let cache: ResultCache;

beforeEach(() => {
  root = temporaryFolder();
  warnings = [];
  cache = new ResultCache(join(root, '.sloth/cache'), {maxBytes: 1e9, warn: (message) => warnings.push(message)});
});
afterEach(() => rmSync(root, {recursive: true, force: true}));

const ingredients: readonly Ingredient[] = [{kind: 'command', name: '', digest: digestOf('make')}];

function left(more: Partial<TaskLeft> = {}): TaskLeft {
  const log = [{stream: 'stdout' as const, bytes: Buffer.from('compiling\n')}];
  const nothing = {task: 'build', durationMs: 1200, message: undefined, value: null, folder: root, outputGlobs: []};
  return {...nothing, ingredients, log, ...more};
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true});
  writeFileSync(join(root, path), text);
}

const key = cacheKeyOf('build', ingredients);

describe('a result that is kept', () => {
  it('comes back with its files, their modes, links, its value, message and log', async () => {
    write('dist/app', '#!/bin/sh\necho app\n');
    chmodSync(join(root, 'dist/app'), 0o755);
    write('dist/deep/er/data.bin', 'data');
    symlinkSync('app', join(root, 'dist/latest'));
    symlinkSync('deep/er', join(root, 'dist/short'));
    await cache.keep(key, left({outputGlobs: ['dist/**'], value: {pages: 12}, message: 'built'}));
    rmSync(join(root, 'dist'), {recursive: true});
    const restored = await cache.restore(key, root);
    expect(restored?.entry).toMatchObject({task: 'build', durationMs: 1200, value: {pages: 12}, message: 'built'});
    expect(restored?.log.map(({stream, bytes}) => [stream, bytes.toString()])).toEqual([['stdout', 'compiling\n']]);
    expect(readFileSync(join(root, 'dist/latest'), 'utf8')).toBe('#!/bin/sh\necho app\n');
    expect(readlinkSync(join(root, 'dist/short'))).toBe('deep/er');
    expect(statSync(join(root, 'dist/app')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(root, 'dist/deep/er/data.bin'), 'utf8')).toBe('data');
    expect(warnings).toEqual([]);
  });

  it('leaves files alone that are there already, and replaces those that differ', async () => {
    write('out/same', 'same');
    write('out/other', 'right');
    await cache.keep(key, left({outputGlobs: ['out/*']}));
    utimesSync(join(root, 'out/same'), 1, 1);
    write('out/other', 'wrong');
    await cache.restore(key, root);
    expect(statSync(join(root, 'out/same')).mtimeMs).toBe(1000);
    expect(readFileSync(join(root, 'out/other'), 'utf8')).toBe('right');
  });

  it('is not found under another key, nor when it is older than it may be', async () => {
    await cache.keep(key, left());
    expect(await cache.restore(digestOf('else'), root)).toBeUndefined();
    expect(await cache.restore(key, root, -1)).toBeUndefined();
    expect(await cache.restore(key, root, 60_000)).toBeDefined();
  });

  it('is not kept when the task made none of the outputs it declared', async () => {
    expect(await cache.keep(key, left({outputGlobs: ['dist/**']}))).toBeUndefined();
    expect(warnings).toEqual(["'build' made none of its outputs (dist/**), so its result is not kept"]);
    expect(await cache.look(key)).toBeUndefined();
  });
});

describe('a cache that is damaged is a miss and says so', () => {
  const files = (folder: string): string[] =>
    readdirSync(join(root, '.sloth/cache', folder), {recursive: true, withFileTypes: true})
      .filter((item) => item.isFile())
      .map((item) => join(item.parentPath, item.name));

  beforeEach(async () => {
    write('out/a', 'content of a');
    await cache.keep(key, left({outputGlobs: ['out/*']}));
    rmSync(join(root, 'out'), {recursive: true});
  });

  it('when content changed', async () => {
    for (const path of files('cas')) writeFileSync(path, 'something else');
    expect(await cache.restore(key, root)).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^the kept result of 'build' cannot be used: .* is damaged$/)]);
    expect(await cache.look(key)).toBeUndefined();
  });

  it('when content is missing', async () => {
    for (const path of files('cas')) rmSync(path);
    expect(await cache.restore(key, root)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it('when an entry is no entry', async () => {
    for (const path of files('ac')) writeFileSync(path, '{"version": 99}');
    expect(await cache.restore(key, root)).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/is no entry of the cache and is ignored$/)]);
  });

  it.each(['../outside', '/etc/outside', 'out/../../outside'])(
    'when an entry leads out of its folder: %s',
    async (path) => {
      for (const file of files('ac')) {
        const entry = JSON.parse(readFileSync(file, 'utf8')) as {outputs: {path: string}[]};
        for (const output of entry.outputs) output.path = path;
        writeFileSync(file, JSON.stringify(entry));
      }
      expect(await cache.restore(key, root)).toBeUndefined();
      expect(warnings).toEqual([expect.stringContaining("is not inside the task's folder")]);
    },
  );

  it('when a folder of its outputs is a link that leads out by now', async () => {
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, join(root, 'out'));
    expect(await cache.restore(key, root)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("'out/a' leads out of its folder")]);
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, {recursive: true});
  });

  it('when the folder cannot be written', async () => {
    const blocked = new ResultCache(join(root, 'file/cache'), {maxBytes: 1, warn: (text) => warnings.push(text)});
    write('file', '');
    expect(await blocked.keep(key, left())).toBeUndefined();
    expect(await blocked.restore(key, root)).toBeUndefined();
    expect(await blocked.trim()).toBe(0);
    expect(warnings[0]).toMatch(/^the result of 'build' cannot be kept: /);
  });
});

describe('a cache that is full', () => {
  it('lets the results go that were unused for longest, with the content nobody else needs', async () => {
    const keys = ['one', 'two', 'three'].map(digestOf);
    for (const [index, one] of keys.entries()) {
      write('out/shared', 'x'.repeat(1000));
      write('out/own', String(index).repeat(1000));
      await cache.keep(one, left({outputGlobs: ['out/*']}));
      utimesSync(join(cache.folder, 'ac', one.slice(0, 2), one), index, index);
    }
    // Used again, so the second is the oldest now.
    await cache.restore(keys[0] ?? '', root);
    const hour = 3_600_000;
    const freed = await evictOldest(cache.folder, {maxBytes: 3200}, Date.now() + hour);
    expect(freed).toBe(1000);
    const found = await Promise.all(keys.map((one) => cache.look(one)));
    expect(found.map((entry) => entry !== undefined)).toEqual([true, false, true]);
    rmSync(join(root, 'out'), {recursive: true});
    await cache.restore(keys[2] ?? '', root);
    expect(readFileSync(join(root, 'out/own'), 'utf8')).toBe('2'.repeat(1000));
    expect(await evictOldest(cache.folder, {maxBytes: 0}, Date.now() + hour)).toBeGreaterThan(2000);
    expect(warnings).toEqual([]);
  });
});
