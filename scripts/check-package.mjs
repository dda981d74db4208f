// Checks what `npm publish` would send: its contents, its manifest (publint), and that a release made of a copy of this checkout,
// with its binary prebuilt, installs without scripts into an empty folder and runs there, from both kinds of module and from the
// command line; that without the binary it says what to do; and that `build-native` then compiles one.
//
//   npm run check:package [-- --quick]
//
// With --quick nothing is compiled: the binary that was built here stands in for the prebuilt one.
import {spawnSync} from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {quietly, root, whenProgram} from './support/run.mjs';

const required = [
  'LICENSE',
  'README.md',
  'deps/lua/NOTICE',
  'deps/lua/recipe.mjs',
  'dist/cli/main.js',
  'dist/index.cjs',
  'dist/index.d.cts',
  'dist/index.d.ts',
  'dist/index.js',
  'dist/modules.cjs',
  'dist/modules.js',
  'dist/testing.cjs',
  'dist/testing.d.cts',
  'dist/testing.d.ts',
  'dist/testing.js',
  'native/addon.gypi',
  'native/node/addon.cc',
  'native/sources.mjs',
  'package.json',
  'scripts/build-native.mjs',
  'scripts/support/run.mjs',
  'types/lua/channel.lua',
  'types/lua/goroutine.lua',
];
const forbidden = [
  [/^binding\.gyp$/, 'npm would compile on install'],
  [/^deps\/lua\/(?!NOTICE$|[\w-]+\.mjs$)/, "Lua's source is obtained, not shipped"],
  [/^(?:build|test|bench|coverage|node_modules|\.ci)\//, 'of no use to users'],
  [/_(?:test|bench|fuzz)\.cc$/, 'of no use to users'],
  [/\.(?:o|a|so|tgz|gz)$/, 'a left-over of a build'],
  [/(?:^|\/)\.(?!npmignore)/, 'a hidden file'],
];

function checkContents(paths) {
  const missing = required.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`);
  const foreign = paths.flatMap((path) =>
    forbidden.filter(([pattern]) => pattern.test(path)).map(([, reason]) => `${path} is in the package: ${reason}`),
  );
  return [...missing, ...foreign];
}

function checkManifest(manifest) {
  const installScripts = ['preinstall', 'install', 'postinstall'].filter((name) => manifest.scripts?.[name]);
  return [
    ...installScripts.map((name) => `package.json has a script "${name}", which npm 12 blocks`),
    ...(manifest.gypfile === false ? [] : ['package.json must say "gypfile": false']),
  ];
}

async function checkWithPublint() {
  const {publint} = await import('publint');
  const {formatMessage} = await import('publint/utils');
  const {messages, pkg} = await publint({pkgDir: root, level: 'warning', strict: true});
  return messages.map((message) => `publint: ${formatMessage(message, pkg, {color: false})}`);
}

const luaFolder = join('deps', 'lua', 'lua-5.4.7');
const prebuildsFolder = join('prebuilds', `${process.platform}-${process.arch}`);

/** Copies what the repository has, and what its build made but the binary, as a release would have it. */
function copyCheckout(folder) {
  const tracked = quietly('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
    .split('\0')
    .filter(Boolean);
  for (const path of tracked.filter((name) => existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    cpSync(join(root, path), join(folder, path));
  }
  for (const path of ['dist', luaFolder]) cpSync(join(root, path), join(folder, path), {recursive: true});
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** Puts the prebuilt binary into a release; answers with its name. */
function prebuild(release, quick) {
  const folder = join(release, prebuildsFolder);
  if (quick) {
    mkdirSync(folder, {recursive: true});
    cpSync(join(root, 'build', 'Release', 'sloth_runner.node'), join(folder, 'sloth-runner.glibc.node'));
  } else {
    quietly(process.execPath, [join(release, 'scripts', 'build-prebuilds.mjs')], {cwd: release});
  }
  const names = readdirSync(folder);
  if (names.length !== 1 || !/^sloth-runner\..*node$/.test(names[0]))
    throw new Error(`prebuilt: ${names.join(' ') || 'nothing'}`);
  return names[0];
}

/** Packs a release and installs it into an empty project; answers with the folder of the installed package. */
function install(release, project) {
  mkdirSync(project);
  const pack = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', project];
  const [{filename, files}] = JSON.parse(quietly('npm', pack, {cwd: release}));
  if (!files.some(({path}) => path.startsWith('prebuilds/'))) throw new Error('the packed file has no prebuilt binary');
  writeFileSync(join(project, 'package.json'), '{"private": true}');
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', join(project, filename)];
  quietly('npm', words, {cwd: project});
  return join(project, 'node_modules', 'sloth-runner');
}

const program = `
(async () => {
  const runtime = new Runtime({workers: 1});
  const [sum] = await runtime.run('local a, b = ... return a + b', {args: [20, 22]});
  if (sum !== 42) throw new Error('20 + 22 is ' + sum);
  await runtime.close();
  const test = createTestRuntime();
  await test.run('print("tested")');
  if (test.stdout !== 'tested\\n') throw new Error('printed ' + test.stdout);
  await test.close();
})();`;
const programs = {
  'load.mjs': `import {Runtime} from 'sloth-runner';\nimport {createTestRuntime} from 'sloth-runner/testing';\n${program}\n`,
  'load.cjs': `const {Runtime} = require('sloth-runner');\nconst {createTestRuntime} = require('sloth-runner/testing');\n${program}\n`,
};

/** Runs the installed package's command; answers with what it printed and its exit code. */
function command(project, ...words) {
  const {status, stdout, stderr} = spawnSync(join(project, 'node_modules', '.bin', 'sloth-runner'), words, {
    cwd: project,
    encoding: 'utf8',
  });
  return {status, output: `${stdout}${stderr}`};
}

function expectCommand(project, words, status, pattern) {
  const ended = command(project, ...words);
  if (ended.status === status && pattern.test(ended.output)) return;
  throw new Error(
    `sloth-runner ${words.join(' ')} ended with ${ended.status}, not ${status} and ${pattern}:\n${ended.output}`,
  );
}

/** What a user does first. */
function checkThatItRuns(project) {
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(project, name), text);
    quietly(process.execPath, [name], {cwd: project});
  }
  writeFileSync(join(project, 'hello.lua'), 'goroutine.async(function() print("hello") end):await()\n');
  expectCommand(project, ['--version'], 0, /Lua 5\.4/);
  expectCommand(project, ['run', 'hello.lua'], 0, /^hello\n$/);
}

async function checkRelease(folder, quick) {
  const release = join(folder, 'release');
  const project = join(folder, 'project');
  copyCheckout(release);
  const name = prebuild(release, quick);
  const installed = install(release, project);
  checkThatItRuns(project);
  expectCommand(project, ['doctor'], 0, new RegExp(`loads .*${name.replaceAll('.', '\\.')}`));
  rmSync(join(installed, 'prebuilds'), {recursive: true});
  const failed = spawnSync(process.execPath, ['load.mjs'], {cwd: project, encoding: 'utf8'});
  if (
    failed.status === 0 ||
    !/E_NATIVE_LOAD/.test(failed.stderr) ||
    !failed.stderr.includes('npx sloth-runner build-native')
  ) {
    throw new Error(`without a binary the package does not teach:\n${failed.stderr}`);
  }
  expectCommand(project, ['doctor'], 1, /fails .*sloth_runner\.node: [\s\S]*npx sloth-runner build-native/);
  if (quick) return;
  // As a machine has it that obtained Lua before: the recipe has tests of its own.
  cpSync(join(root, luaFolder), join(installed, luaFolder), {recursive: true});
  expectCommand(project, ['build-native'], 0, /./);
  checkThatItRuns(project);
  expectCommand(project, ['doctor'], 0, /loads .*build.Release.sloth_runner\.node/);
  if (existsSync(join(installed, 'binding.gyp'))) throw new Error('build-native left a binding.gyp at the root');
}

await whenProgram(import.meta.url, async () => {
  const quick = process.argv.includes('--quick');
  const [{files}] = JSON.parse(quietly('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error']));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const complaints = [
    ...checkContents(files.map(({path}) => path)),
    ...checkManifest(manifest),
    ...(await checkWithPublint()),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const folder = mkdtempSync(join(tmpdir(), 'sloth-runner-package-'));
  try {
    await checkRelease(folder, quick);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  console.log(`The package is sound: ${files.length} files.`);
});
