import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {findForeignFiles, findLayoutViolations} from './support/layout-rules.js';

const root = fileURLToPath(new URL('..', import.meta.url));

function readTree(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(join(root, folder), {withFileTypes: true, recursive: true});
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
}

function violationsOf(path: string, text: string): readonly string[] {
  return findLayoutViolations(new Map([[path, text]]));
}

describe('the repository', () => {
  it('keeps the floors of native/', () => {
    expect(findLayoutViolations(readTree('native'))).toEqual([]);
  });

  it('keeps the floors of lib/', () => {
    expect(findLayoutViolations(readTree('lib'))).toEqual([]);
  });

  it.runIf(existsSync(join(root, '.git')))('carries no binaries, archives or foreign source', () => {
    const tracked = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'});
    expect(findForeignFiles(tracked.split('\0').filter(Boolean))).toEqual([]);
  });
});

describe('the rules for native/ complain about', () => {
  const cases: readonly (readonly [what: string, path: string, text: string, complaint: RegExp])[] = [
    ['an include from a higher floor', 'native/base/a.h', '#include "sched/worker.h"', /a\.h:1: .*higher floor/],
    ['a spaced include from a higher floor', 'native/sync/a.cc', '\n#  include <lua/island.h>', /a\.cc:2: .*higher/],
    ['lua.h outside native/lua', 'native/sched/a.cc', '#include <lua.h>', /only native\/lua/],
    ['lua.h above native/lua', 'native/runtime/a.cc', '#include "lua.hpp"', /only native\/lua/],
    ['an internal header of Lua outside native/lua', 'native/node/a.cc', '#include "lstate.h"', /only native\/lua/],
    ['napi.h outside native/node', 'native/runtime/a.cc', '#include <napi.h>', /only native\/node/],
    ['node_api.h outside native/node', 'native/lua/a.cc', '#include <node_api.h>', /only native\/node/],
    ['a path that does not start at native/', 'native/sched/a.cc', '#include "../base/check.h"', /path from native/],
    ['a bare name', 'native/sched/a.cc', '#include "worker.h"', /path from native/],
    ['a test that reaches up', 'native/data/a_test.cc', '#include "sync/channel.h"', /higher floor/],
    ['a folder that is no floor', 'native/extra/a.cc', '', /not on a floor/],
    ['a file on no floor', 'native/a.cc', '', /not on a floor/],
    ['a file over 400 lines', 'native/lua/a.cc', '\n'.repeat(401), /401 lines/],
    ['a word with another name here', 'native/sched/a.h', '// resumes a Fi' + 'ber', /forbidden word/],
    ['an open promise', 'native/sched/a.h', '// TO' + 'DO: steal', /forbidden word/],
  ];
  it.each(cases)('%s', (_what, path, text, complaint) => {
    expect(violationsOf(path, text)).toEqual([expect.stringMatching(complaint)]);
  });

  it('nothing else', () => {
    const text =
      '#include "base/check.h"\n#include "sched/worker.h"\n#include <atomic>\n#include <doctest/doctest.h>\n';
    expect(violationsOf('native/sched/worker_test.cc', text)).toEqual([]);
    expect(
      violationsOf('native/lua/island.cc', `#include <lua.hpp>\n#include "lobject.h"\n${'\n'.repeat(398)}`),
    ).toEqual([]);
    expect(violationsOf('native/node/addon.cc', '#include <napi.h>\n#include "runtime/runtime.h"\n')).toEqual([]);
  });
});

describe('the rules for lib/ complain about', () => {
  const cases: readonly (readonly [what: string, path: string, text: string, complaint: RegExp])[] = [
    ['util that imports the door', 'lib/util/a.ts', "import {a} from '../runtime.js';", /higher floor/],
    ['native that imports the door', 'lib/native/a.ts', "import type {A} from '../errors.js';", /higher floor/],
    ['the door that imports tasks', 'lib/runtime.ts', "export * from './task/task.js';", /higher floor/],
    ['tasks that import modules', 'lib/task/a.ts', "import {a} from '../modules/fs.js';", /higher floor/],
    ['modules that import the command line', 'lib/modules/a.ts', "await import('../cli/run.js');", /higher floor/],
    ['tasks that reach behind the door', 'lib/task/lua/a.ts', "import {a} from '../../native/load.js';", /public door/],
    ['a command that reaches behind the door', 'lib/cli/a.ts', "} from '../native/binding.js';", /public door/],
    ['an import from outside', 'lib/cli/a.ts', "import {a} from '../../scripts/build-native.mjs';", /outside lib/],
    ['a folder that is no floor', 'lib/extra/a.ts', '', /not on a floor/],
    ['a file over 400 lines', 'lib/task/a.ts', '\n'.repeat(401), /401 lines/],
    ['a prelude over 400 lines', 'lib/task/lua/a.lua', '\n'.repeat(401), /401 lines/],
    ['an open promise', 'lib/task/lua/a.lua', '-- FIX' + 'ME', /a\.lua:1: forbidden word/],
  ];
  it.each(cases)('%s', (_what, path, text, complaint) => {
    expect(violationsOf(path, text)).toEqual([expect.stringMatching(complaint)]);
  });

  it.each([
    ['a name the package does not export', "import {Runtime, secret} from '../runtime.js';", /imports secret of/],
    ['a type it does not export', "import {\n  type Border,\n} from '../border.js';", /imports Border of/],
    ['everything of a file', "import * as core from '../runtime.js';", /imports \* of/],
    ['what only another file exports', "export {Channel} from '../runtime.js';", /imports Channel of/],
  ])('a command that takes %s', (_what, text, complaint) => {
    const index = "export {Channel} from './channel.js';\nexport {type CloseOptions, Runtime} from './runtime.js';\n";
    const files = new Map([
      ['lib/index.ts', index],
      ['lib/cli/a.ts', text],
    ]);
    expect(findLayoutViolations(files)).toEqual([expect.stringMatching(complaint)]);
    expect(findLayoutViolations(files.set('lib/cli/a.ts', "import {type CloseOptions} from '../runtime.js';"))).toEqual(
      [],
    );
  });

  it('nothing else', () => {
    const text =
      "import {readFile} from 'node:fs';\nimport {a} from '../util/a.js';\nimport {Runtime} from '../runtime.js';\n";
    expect(violationsOf('lib/task/a.ts', text)).toEqual([]);
    expect(violationsOf('lib/runtime.ts', "import {loadNative} from './native/load.js';")).toEqual([]);
    expect(violationsOf('lib/util/a.ts', " * import {a} from '../cli/main.js';")).toEqual([]);
  });
});

it('knows files that do not belong into a repository', () => {
  const foreign = [
    'build/Release/sloth_runner.node',
    'deps/lua/lua-5.4.7/src/lua.h',
    'deps/lua/lua.tar.gz',
    'dist/index.js',
  ];
  const ours = ['deps/lua/recipe.mjs', 'native/lua/island.cc', 'docs/build.md', 'scripts/build-native.mjs'];
  expect(findForeignFiles([...foreign, ...ours])).toEqual(foreign);
});
