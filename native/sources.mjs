// The one source list, read by native/addon.gypi and CMakeLists.txt.
//
//   node native/sources.mjs base data           the C++ files of these floors
//   node native/sources.mjs --tests base data   their *_test.cc; --benches, --fuzzers likewise
//   node native/sources.mjs --lua               Lua's C files except lstrlib.c and ltablib.c, which need flags of their own
//   node native/sources.mjs --prelude           the library functions that are written in Lua (native/embed-lua.mjs)
//
// Prints paths relative to the repository's root, one a line, sorted. A floor without a folder has no files.
import {existsSync, readdirSync} from 'node:fs';
import {dirname, join, relative, sep} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const floors = ['base', 'data', 'sched', 'sync', 'lua', 'runtime', 'node'];
const endings = {'--tests': '_test.cc', '--benches': '_bench.cc', '--fuzzers': '_fuzz.cc'};
const luaSource = join(root, 'deps', 'lua', 'lua-5.4.7', 'src');
const notInLibrary = new Set(['lua.c', 'luac.c', 'lstrlib.c', 'ltablib.c']);

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {withFileTypes: true, recursive: true})
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .sort();
}

function sourcesOf(floor, kind) {
  if (!floors.includes(floor)) throw new Error(`no such floor: ${floor} (there are: ${floors.join(' ')})`);
  const files = filesBelow(join(root, 'native', floor)).filter((file) => file.endsWith('.cc'));
  if (kind) return files.filter((file) => file.endsWith(endings[kind]));
  return files.filter((file) => !Object.values(endings).some((ending) => file.endsWith(ending)));
}

function luaSources() {
  const files = filesBelow(luaSource).filter((file) => file.endsWith('.c'));
  if (files.length === 0) throw new Error('Lua is not unpacked yet: run node deps/lua/recipe.mjs');
  return files.filter((file) => !notInLibrary.has(file.slice(file.lastIndexOf('/') + 1)));
}

const words = process.argv.slice(2);
const kind = words[0]?.startsWith('--') ? words.shift() : undefined;
const wholes = {
  '--lua': luaSources,
  '--prelude': () => filesBelow(join(root, 'native', 'lua', 'prelude')).filter((file) => file.endsWith('.lua')),
};
const files = kind && kind in wholes ? wholes[kind]() : words.flatMap((floor) => sourcesOf(floor, kind));
console.log(files.join('\n'));
