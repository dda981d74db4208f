import {writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {defineConfig, type UserConfig} from 'tsdown';

const common: UserConfig = {
  outDir: 'dist',
  platform: 'node',
  target: 'node20.19',
  dts: true,
  shims: true,
  sourcemap: true,
  // A prelude written in Lua travels as text inside the JavaScript that loads it.
  loader: {'.lua': 'text'},
};

/** What programs import: `sloth-runner`, `sloth-runner/modules`, ... */
const doors = {
  index: 'lib/index.ts',
  modules: 'lib/modules/index.ts',
  tasks: 'lib/task/index.ts',
  testing: 'lib/testing.ts',
};

/**
 * Gives each door an ES module that hands out what the CommonJS one has: one copy of every class and all state in a process,
 * however it was loaded.
 */
function writeEsModules(): void {
  const require = createRequire(import.meta.url);
  for (const name of Object.keys(doors)) {
    const path = join(import.meta.dirname, 'dist', name);
    delete require.cache[`${path}.cjs`];
    const names = Object.keys(require(`${path}.cjs`) as object).sort();
    writeFileSync(`${path}.js`, `import door from './${name}.cjs';\n\nexport const {${names.join(', ')}} = door;\n`);
    writeFileSync(`${path}.d.ts`, `export * from './${name}.cjs';\n`);
  }
}

export default defineConfig([
  {...common, entry: {'cli/main': 'lib/cli/main.ts'}, format: 'esm', fixedExtension: false},
  {...common, entry: doors, format: 'cjs', clean: false, onSuccess: writeEsModules},
]);
