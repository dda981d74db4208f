// Writes the library functions that are written in Lua into a C++ file.
//
//   node native/embed-lua.mjs OUT.cc    from every file of native/lua/prelude
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'lua', 'prelude');
const [out] = process.argv.slice(2);
if (!out) throw new Error('usage: node native/embed-lua.mjs OUT.cc');

const texts = readdirSync(folder)
  .filter((file) => file.endsWith('.lua'))
  .sort()
  .map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    if (text.includes(')lua"')) throw new Error(`${file} holds the end of a raw string`);
    return `    {"${basename(file, '.lua')}", R"lua(${text})lua"},`;
  });

mkdirSync(dirname(out), {recursive: true});
writeFileSync(
  out,
  `// Made by native/embed-lua.mjs.
#include "lua/prelude.h"

namespace sloth {

extern const PreludeText kPreludeTexts[] = {
${texts.join('\n')}
};
extern const size_t kPreludeTextCount = sizeof kPreludeTexts / sizeof *kPreludeTexts;

}  // namespace sloth
`,
);
