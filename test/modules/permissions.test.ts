import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {standardModules} from '../../lib/modules/standard-modules.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permissions-'));
  await mkdir(join(folder, 'open'));
  await mkdir(join(folder, 'openly'));
  await writeFile(join(folder, 'secret'), 'x');
  await symlink(folder, join(folder, 'open', 'up'));
});
afterAll(() => rm(folder, {recursive: true}));

describe('permissions', () => {
  it('are none unless they are given', async () => {
    const none = new Permissions();
    expect(() => none.checkExec('git')).toThrow(
      'starting git is not allowed: it needs --allow-exec or --allow-exec=git',
    );
    expect(() => none.checkNet('example.org', 80)).toThrow('--allow-net=example.org');
    await expect(none.checkPath('read', '/etc/passwd')).rejects.toThrow('it needs --allow-read or --allow-read=/etc');
  });

  it('of programs go by name, or by path where a path is used', () => {
    const some = new Permissions({exec: ['git', '/bin/ls']});
    some.checkExec('git');
    some.checkExec('/bin/ls');
    expect(() => some.checkExec('/tmp/git')).toThrow('starting /tmp/git is not allowed');
    expect(() => some.checkExec('ls')).toThrow('starting ls is not allowed');
  });

  it('of hosts may name a port or everything below a domain', () => {
    const some = new Permissions({net: ['example.org', 'localhost:8080', '*.test', '[::1]:80']});
    some.checkNet('Example.ORG', 443);
    some.checkNet('localhost', 8080);
    some.checkNet('a.b.test', 80);
    some.checkNet('[::1]', 80);
    for (const [host, port] of [
      ['localhost', 80],
      ['test', 80],
      ['evilexample.org', 80],
      ['example.org.evil', 80],
      ['[::1]', 81],
    ] as const) {
      expect(() => some.checkNet(host, port)).toThrow(`talking to ${host}:${port} is not allowed`);
    }
  });

  it('of paths hold below a directory, and no way leads out of it', async () => {
    const some = new Permissions({read: [join(folder, 'open')]});
    expect(await some.checkPath('read', join(folder, 'open', 'new', 'file'))).toBe(join(folder, 'open', 'new', 'file'));
    for (const path of ['open/../secret', 'openly', 'open/up/secret', 'open/up/new']) {
      await expect(some.checkPath('read', `${folder}/${path}`)).rejects.toThrow('is not allowed');
    }
    await expect(some.checkPath('write', join(folder, 'open', 'x'))).rejects.toThrow('--allow-write');
    await expect(some.checkPath('read', 'a\0b')).rejects.toThrow('a path cannot contain a zero byte');
  });

  it('can be narrowed, never widened', () => {
    const some = new Permissions({exec: ['git', 'ls'], env: true});
    some.narrow({exec: ['ls', 'rm']});
    some.checkExec('ls');
    some.checkEnv('HOME');
    expect(() => some.checkExec('git')).toThrow('is not allowed');
    expect(() => some.checkExec('rm')).toThrow('is not allowed');
  });

  it('must be of kinds that there are', () => {
    expect(() => new Permissions({files: true} as object)).toThrow(
      "there is no permission 'files'; there are exec, read, write, net, env",
    );
    expect(() => new Permissions({exec: 'git'} as object)).toThrow(
      'permissions.exec must be true, false or a list of strings',
    );
  });
});

describe('standardModules', () => {
  it('gives the modules that are asked for', () => {
    expect(standardModules({only: ['env']}).map(({name}) => name)).toEqual(['env']);
    expect(() => standardModules({only: ['evn']})).toThrow("there is no module 'evn'; did you mean 'env'?");
  });
});
