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

export default defineConfig([
  {
    ...common,
    entry: {index: 'lib/index.ts', modules: 'lib/modules/index.ts', 'cli/main': 'lib/cli/main.ts'},
    format: 'esm',
    fixedExtension: false,
  },
  {...common, entry: {index: 'lib/index.ts', modules: 'lib/modules/index.ts'}, format: 'cjs', clean: false},
]);
