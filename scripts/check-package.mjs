// Checks what `npm publish` would send: its contents, its manifest (publint), and that the packed file, once installed
// elsewhere, loads a prebuilt binary from both kinds of module and runs its command.
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
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

// Installs the packed file into an empty project, with the local binary in the place of a prebuilt one.
function checkInstalled(folder) {
  const [{filename}] = JSON.parse(
    quietly('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]),
  );
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  const words = ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename)];
  quietly('npm', words, {cwd: folder});
  const prebuilds = join(folder, 'node_modules', 'sloth-runner', 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(prebuilds, {recursive: true});
  const local = join(root, 'build', 'Release', 'sloth_runner.node');
  copyFileSync(local, join(prebuilds, 'sloth-runner.glibc.node'));
  const program = "if (typeof Runtime !== 'function') throw new Error('no Runtime'); await new Runtime().close?.();";
  const files = {
    'load.mjs': `import {Runtime} from 'sloth-runner';\n${program}\n`,
    'load.cjs': `const {Runtime} = require('sloth-runner');\n(async () => {${program}})();\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    quietly(process.execPath, [name], {cwd: folder});
  }
  quietly(join(folder, 'node_modules', '.bin', 'sloth-runner'), ['--version'], {cwd: folder});
}

await whenProgram(import.meta.url, async () => {
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
    checkInstalled(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  console.log(`The package is sound: ${files.length} files.`);
});
