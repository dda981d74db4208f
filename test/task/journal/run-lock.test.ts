import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {isLocked, lockRun} from '../../../lib/task/journal/run-lock.js';
import {temporaryFolder} from '../../support/bundle-program.js';

const run = '20260101-000000-000aaa';

function newFolder(): string {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

it('one at a time works on a run', () => {
  const folder = newFolder();
  const release = lockRun(folder, run);
  expect(isLocked(folder, run)).toBe(true);
  expect(() => lockRun(folder, run)).toThrow(`${run} is being worked on by process ${process.pid}`);
  lockRun(folder, `${run}-other`)();
  release();
  expect(isLocked(folder, run)).toBe(false);
  lockRun(folder, run)();
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['that died', {pid: spawnSync('true').pid}],
  ['of another process that had its number', {started: '1'}],
  ['of an earlier boot', {boot: 'another'}],
])('a lock %s is free, and is removed', (_whose, owner) => {
  const folder = newFolder();
  const release = lockRun(folder, run);
  const path = join(folder, readdirSync(folder)[0] ?? '');
  const mine = JSON.parse(readFileSync(path, 'utf8')) as object;
  release();
  writeFileSync(path, JSON.stringify({...mine, ...owner}));
  expect(isLocked(folder, run)).toBe(false);
  lockRun(folder, run)();
  expect(readdirSync(folder)).toEqual([]);
});

it('a lock of another machine counts as held', () => {
  const folder = newFolder();
  const release = lockRun(folder, run);
  const path = join(folder, readdirSync(folder)[0] ?? '');
  writeFileSync(path, JSON.stringify({...(JSON.parse(readFileSync(path, 'utf8')) as object), host: 'elsewhere'}));
  expect(() => lockRun(folder, run)).toThrow('on elsewhere');
  release();
});
