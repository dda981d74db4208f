import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {findMirrors} from '../deps/lua/debian.mjs';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {lua547} from '../deps/lua/release.mjs';

const {sha256} = lua547;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lua-recipe-'));
});
afterEach(() => {
  rmSync(folder, {recursive: true, force: true});
});

function failureOf(options: Parameters<typeof obtainLua>[0]): Promise<string> {
  return obtainLua({folder, env: {}, fetchers: [], ...options}).then(
    ({source}) => `no failure: ${source}`,
    (error: Error) => error.message,
  );
}

describe('the recipe for Lua', () => {
  it('names a missing file and the cure', async () => {
    const path = join(folder, 'nowhere.tar.gz');
    const message = await failureOf({env: {SLOTH_LUA_TARBALL: path}});
    expect(message).toContain(`${path}, and there is no such file`);
    expect(message).toContain(sha256);
    expect(message).toContain('run the build again with SLOTH_LUA_TARBALL=');
  });

  it('refuses a given tarball with another checksum and names both', async () => {
    const path = join(folder, 'lua-5.4.7.tar.gz');
    writeFileSync(path, 'another file');
    const message = await failureOf({env: {SLOTH_LUA_TARBALL: path}});
    expect(message).toContain(`expected ${sha256}`);
    expect(message).toMatch(/came {5}[0-9a-f]{64}/);
    expect(message).toContain('SLOTH_LUA_TARBALL=');
    expect(existsSync(join(folder, 'lua-5.4.7'))).toBe(false);
  });

  it('refuses a download with another checksum and asks nobody else', async () => {
    const never = () => Promise.reject(new Error('asked'));
    const mirror = async () => ({source: 'a mirror', bytes: Buffer.from('another file')});
    expect(await failureOf({fetchers: [mirror, never]})).toContain('from a mirror has the wrong SHA-256');
  });

  it('names each source that had nothing', async () => {
    const fetchers = ['first', 'second'].map((source) => async () => ({source, passed: `${source} is away`}));
    const message = await failureOf({fetchers});
    expect(message).toContain('first: first is away');
    expect(message).toContain('second: second is away');
    expect(message).toContain('SLOTH_LUA_TARBALL=');
  });

  it('trusts an unpacked copy only with the stamp of the right checksum', async () => {
    mkdirSync(join(folder, 'lua-5.4.7'));
    expect(await failureOf({})).toContain('No source of Lua');
    const stamp = join(folder, 'lua-5.4.7', '.unpacked-from-sha256');
    writeFileSync(stamp, '0'.repeat(64));
    expect(await failureOf({})).toContain('No source of Lua');
    writeFileSync(stamp, sha256);
    const {source} = await obtainLua({folder, env: {}, fetchers: []});
    expect(source).toBe('the copy unpacked earlier');
  });

  it('unpacks a given tarball with the right checksum and finds the copy again', async () => {
    const path = join(folder, 'given.tar.gz');
    mkdirSync(join(folder, 'made', 'lua-5.4.7', 'src'), {recursive: true});
    writeFileSync(join(folder, 'made', 'lua-5.4.7', 'src', 'lua.h'), 'a header');
    execFileSync('tar', ['-czf', path, '-C', join(folder, 'made'), 'lua-5.4.7']);
    const release = {...lua547, sha256: createHash('sha256').update(readFileSync(path)).digest('hex')};
    const first = await obtainLua({folder, release, env: {SLOTH_LUA_TARBALL: path}, fetchers: []});
    expect(first.source).toBe(`SLOTH_LUA_TARBALL (${path})`);
    expect(readFileSync(join(first.directory, 'src', 'lua.h'), 'utf8')).toBe('a header');
    const second = await obtainLua({folder, release, env: {}, fetchers: []});
    expect(second.source).toBe('the copy unpacked earlier');
  });
});

describe('mirrors', () => {
  it('are read from deb822 files, each once, Debian only', () => {
    const text = [
      'Types: deb',
      '# a comment between fields',
      'URIs: http://mirror.example/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb',
      'URIs: https://other.example/node_20.x',
      'Suites: nodistro',
      'Components: main',
      '',
      'Enabled: no',
      'Types: deb',
      'URIs: http://off.example/debian',
      'Suites: trixie',
      'Components: main',
    ].join('\n');
    expect(
      findMirrors([
        {deb822: true, text},
        {deb822: true, text},
      ]),
    ).toEqual([{uri: 'http://mirror.example/debian', signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg'}]);
  });

  it('are read from one-line files with and without options', () => {
    const text = [
      '# deb http://commented.example/debian bookworm main',
      'deb http://plain.example/debian bookworm main contrib # the usual one',
      'deb [arch=amd64 signed-by=/etc/apt/keyrings/debian.gpg] https://options.example/debian trixie main',
      'deb https://third.example/apt cloud-sdk-bookworm main',
      'deb http://security.example/debian-security bookworm-security main',
    ].join('\n');
    expect(findMirrors([{deb822: false, text}])).toEqual([
      {uri: 'http://plain.example/debian', signedBy: undefined},
      {uri: 'https://options.example/debian', signedBy: '/etc/apt/keyrings/debian.gpg'},
    ]);
  });
});
