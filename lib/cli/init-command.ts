import {mkdirSync, realpathSync, writeFileSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
import {packageInfo} from '../util/package-info.js';
import {exitCode} from './exit-code.js';
import {paletteFor} from './palette.js';

const starter = `-- sloth-runner run build.sloth

local prepare = task("prepare")
    :description("Make a place for what is built")
    :command("mkdir -p out")

local compile = task("compile")
    :description("Build the program")
    :depends_on(prepare)
    :command("echo 'put your build here' > out/program.txt")

local report = task("report")
    :description("Say what was built")
    :depends_on(compile)
    :command(function(this, params, deps)
        local file = assert(io.open(this.workdir .. "/out/program.txt"))
        local text = file:read("a")
        file:close()
        return true, "built: " .. text:gsub("%s+$", "")
    end)

workflow.define("build")
    :description("From nothing to a report")
    :tasks({prepare, compile, report})
    :on_complete(function(success) print(success and "done" or "something failed") end)
`;

/** Writes a starter file and what editors need into a folder; leaves alone what is there. Returns the exit code. */
export function initCommand(folder: string): number {
  const palette = paletteFor(process.stderr);
  try {
    mkdirSync(folder, {recursive: true});
    const files: Readonly<Record<string, string>> = {
      'build.sloth': starter,
      '.luarc.json': `${JSON.stringify(editorSettings(folder), undefined, 2)}\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      const isNew = writeNew(path, text);
      process.stderr.write(
        isNew ? `${palette.good('✓')} ${path}\n` : `${palette.quiet(`- ${path} is there already`)}\n`,
      );
    }
  } catch (error) {
    process.stderr.write(`${palette.bad('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCode.usage;
  }
  process.stderr.write(palette.quiet(`run it: sloth-runner run ${join(folder, 'build.sloth')}\n`));
  return exitCode.ok;
}

// As https://luals.github.io/wiki/settings/ describes.
function editorSettings(folder: string): object {
  return {
    $schema: 'https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json',
    'runtime.version': 'Lua 5.4',
    'workspace.library': [stubsFrom(folder)],
    'files.associations': {'*.sloth': 'lua'},
  };
}

// By a relative path inside a project, so that it holds on other machines as well.
function stubsFrom(folder: string): string {
  const stubs = join(packageInfo().root, 'types', 'lua');
  const path = relative(realpathSync(folder), stubs);
  return path.split(sep).includes('node_modules') && !path.startsWith(`..${sep}..`) ? path : stubs;
}

function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, {flag: 'wx'});
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
