import {readFile} from 'node:fs/promises';
import {defineConfig} from 'vitest/config';

/** Makes `import text from './prelude.lua'` mean the file's text, as tsdown's loader does. */
const luaAsText = {
  name: 'lua-as-text',
  enforce: 'pre' as const,
  async load(id: string) {
    const [path = ''] = id.split('?');
    if (!path.endsWith('.lua')) return undefined;
    return `export default ${JSON.stringify(await readFile(path, 'utf8'))};`;
  },
};

export default defineConfig({
  plugins: [luaAsText],
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {provider: 'v8', include: ['lib/**/*.ts']},
  },
});
