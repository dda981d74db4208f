import {describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

const env = {HOME: '/home/ann', EMPTY: ''};

describe('env', () => {
  it('reads variables, and answers with the default where there is none', async () => {
    const source =
      'return env.get("HOME"), env.get("NONE"), env.get("NONE", 5), env.get("EMPTY", "x"), env.has("EMPTY"), env.has("NONE")';
    expect(await valuesWithModules(source, {env})).toEqual(['/home/ann', undefined, 5, '', true, false]);
  });

  it('lists them', async () => {
    expect(await valuesWithModules('return env.all()', {env})).toEqual([env]);
  });

  it('knows none that objects of JavaScript have', async () => {
    expect(await valuesWithModules('return env.get("constructor"), env.has("__proto__")', {env})).toEqual([
      undefined,
      false,
    ]);
  });

  it('reads what is allowed only, and names the flag', async () => {
    const permissions = new Permissions({env: ['EMPTY']});
    expect(await valuesWithModules('return env.all()', {env, permissions})).toEqual([{EMPTY: ''}]);
    expect(await errorWithModules('env.get("HOME")', {env, permissions})).toBe(
      'script:1: reading the environment variable HOME is not allowed: it needs --allow-env or --allow-env=HOME',
    );
  });

  it('complains about what is no name', async () => {
    expect(await errorWithModules('env.get(nil)')).toBe(
      "script:1: bad argument #1 to 'env.get' (string expected, got nil)",
    );
    expect(await valuesWithModules('return pcall(env.has, {})')).toEqual([
      false,
      "script:1: bad argument #1 to 'env.has' (string expected, got table)",
    ]);
  });

  it('serves a hundred goroutines at once', async () => {
    expect(await valuesWithModules(hundredTimes('return env.get("HOME")'), {env})).toEqual([
      Array(100).fill('/home/ann'),
    ]);
  });
});
