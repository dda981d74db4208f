import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {findPrebuilds, loadNative, NativeLoadError} from '../lib/native/load.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'native-load-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, {recursive: true, force: true});
});

function place(folder: string, ...names: readonly string[]): void {
  mkdirSync(join(root, 'prebuilds', folder), {recursive: true});
  for (const name of names) writeFileSync(join(root, 'prebuilds', folder, name), '');
}

function failureOfLoading(path: string): NativeLoadError {
  vi.stubEnv('SLOTH_RUNNER_BINARY', path);
  try {
    loadNative();
  } catch (error) {
    if (error instanceof NativeLoadError) return error;
  }
  throw new Error('the load did not fail as it should');
}

describe('prebuilt binaries', () => {
  const here = `${process.platform}-${process.arch}`;

  it('are taken by their tags, the most specific first', () => {
    place(here, 'sloth-runner.node', 'sloth-runner.napi.glibc.node', 'sloth-runner.glibc.node');
    expect(findPrebuilds(root, 'glibc').map((path) => basename(path))).toEqual([
      'sloth-runner.napi.glibc.node',
      'sloth-runner.glibc.node',
      'sloth-runner.node',
    ]);
  });

  it('for another C library, ABI or platform are left alone', () => {
    place(here, 'sloth-runner.musl.node', 'sloth-runner.abi115.node', 'notes.txt');
    place('plan9-mips', 'sloth-runner.node');
    expect(findPrebuilds(root, 'glibc')).toEqual([]);
  });

  it('may be absent', () => {
    expect(findPrebuilds(root)).toEqual([]);
  });
});

describe('the load error', () => {
  it('names the platform, the file it tried with the reason, and the cure', () => {
    const path = join(root, 'absent.node');
    const {code, message} = failureOfLoading(path);
    expect(code).toBe('E_NATIVE_LOAD');
    expect(message).toContain(`${process.platform}-${process.arch}`);
    expect(message).toContain(`${path}: Cannot find module`);
    expect(message).toContain('npx sloth-runner build-native');
    expect(message).toContain('npm run build:native');
  });

  it('reports a file that is no binary', () => {
    const path = join(root, 'broken.node');
    writeFileSync(path, 'no binary');
    expect(failureOfLoading(path).message).toMatch(/broken\.node: .*(?:too short|invalid ELF header)/);
  });
});

it('loads the binary that was built here', () => {
  expect(loadNative()).toBeTypeOf('object');
});
