import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';
import lua from './fs.lua';

const since = '1.0';
const done = 'true | false, error: string';
const read = 'allow-read';
const write = 'allow-write';
const errors = 'raises when the path may not be used';

/** Several names of one function. */
function alike(names: readonly string[], facts: Omit<FunctionDeclaration, 'name'>): readonly FunctionDeclaration[] {
  return names.map((name) => ({name, ...facts}));
}

const inTemporary = (body: string) => `local dir = fs.tmpdir()\n${body}\nfs.rm_r(dir)`;

/** Files. */
export const fs: ModuleDeclaration = {
  name: 'fs',
  functions: [
    {
      name: 'read',
      arguments: 'path: string',
      results: 'text: string | nil, error: string',
      summary: 'Reads a file whole.',
      errors,
      since,
      permission: read,
      example: inTemporary('fs.write(dir .. "/a", "text") print(fs.read(dir .. "/a")) --> text'),
    },
    {
      name: 'write',
      arguments: 'path: string, text: string, options?: {mode?: integer}',
      results: done,
      summary: 'Writes a file whole; others see the old content or the new one, never a part.',
      errors,
      since,
      permission: write,
      example: inTemporary('print(fs.write(dir .. "/a", "text")) --> true'),
    },
    {
      name: 'append',
      arguments: 'path: string, text: string',
      results: done,
      summary: 'Writes behind the end of a file, which is made if need be.',
      errors,
      since,
      permission: write,
      example: inTemporary(
        'fs.append(dir .. "/a", "1") fs.append(dir .. "/a", "2") print(fs.read(dir .. "/a")) --> 12',
      ),
    },
    {
      name: 'exists',
      arguments: 'path: string',
      results: 'boolean',
      summary: 'Tells whether there is something of that name.',
      errors,
      since,
      permission: read,
      example: 'print(fs.exists("/no/such/file")) --> false',
    },
    {
      name: 'is_file',
      arguments: 'path: string',
      results: 'boolean',
      summary: 'Tells whether there is a file of that name.',
      errors,
      since,
      permission: read,
      example: 'print(fs.is_file("/")) --> false',
    },
    {
      name: 'is_dir',
      arguments: 'path: string',
      results: 'boolean',
      summary: 'Tells whether there is a directory of that name.',
      errors,
      since,
      permission: read,
      example: 'print(fs.is_dir("/")) --> true',
    },
    {
      name: 'mkdir',
      arguments: 'path: string',
      results: done,
      summary: 'Makes a directory and those above it; one that is there stays.',
      errors,
      since,
      permission: write,
      example: inTemporary('print(fs.mkdir(dir .. "/a/b"), fs.is_dir(dir .. "/a/b")) --> true true'),
    },
    ...alike(['rm', 'remove'], {
      arguments: 'path: string',
      results: done,
      summary: 'Removes a file, a link or an empty directory.',
      errors,
      since,
      permission: write,
      example: inTemporary(
        'fs.write(dir .. "/a", "") print(fs.rm(dir .. "/a"), fs.rm(dir .. "/a") == false) --> true true',
      ),
    }),
    ...alike(['rm_r', 'rmr', 'remove_recursive'], {
      arguments: 'path: string',
      results: done,
      summary:
        'Removes a directory with all that is in it, without following links; what is not there is removed already.',
      errors: 'raises when the path may not be used, and for the root, the working directory and what is above it',
      since,
      permission: write,
      example: 'local dir = fs.tmpdir() fs.write(dir .. "/a", "") print(fs.rm_r(dir), fs.exists(dir)) --> true false',
    }),
    ...alike(['ls', 'list'], {
      arguments: 'path: string',
      results: 'names: string[] | nil, error: string',
      summary: 'Lists the names in a directory, sorted.',
      errors,
      since,
      permission: read,
      example: inTemporary(
        'fs.write(dir .. "/b", "") fs.write(dir .. "/a", "") print(table.concat(fs.ls(dir), " ")) --> a b',
      ),
    }),
    {
      name: 'stat',
      arguments: 'path: string',
      results:
        'info: {type: string, size: integer, mode: integer, mtime: number, atime: number, ctime: number, uid: integer, gid: integer, link?: string} | nil, error: string',
      summary:
        'Tells about a file, a link itself: `type` is `file`, `directory`, `link` or `other`, times are seconds since 1970.',
      errors,
      since,
      permission: read,
      example: 'print(fs.stat("/").type) --> directory',
    },
    {
      name: 'size',
      arguments: 'path: string',
      results: 'bytes: integer | nil, error: string',
      summary: 'Tells how long a file is.',
      errors,
      since,
      permission: read,
      example: inTemporary('fs.write(dir .. "/a", "1234") print(fs.size(dir .. "/a")) --> 4'),
    },
    {
      name: 'copy',
      arguments: 'from: string, to: string',
      results: done,
      summary: 'Copies a file, or a directory with all that is in it; links stay links.',
      errors,
      since,
      permission: write,
      example: inTemporary(
        'fs.write(dir .. "/a", "1") print(fs.copy(dir .. "/a", dir .. "/b"), fs.read(dir .. "/b")) --> true 1',
      ),
    },
    ...alike(['move', 'rename'], {
      arguments: 'from: string, to: string',
      results: done,
      summary: 'Gives a file or directory another name, on another file system, too.',
      errors,
      since,
      permission: write,
      example: inTemporary(
        'fs.write(dir .. "/a", "1") print(fs.move(dir .. "/a", dir .. "/b"), fs.exists(dir .. "/a")) --> true false',
      ),
    }),
    {
      name: 'symlink',
      arguments: 'target: string, path: string',
      results: done,
      summary: 'Makes a link to the target.',
      errors: 'raises when the path or the target may not be written',
      since,
      permission: write,
      example: inTemporary(
        'fs.write(dir .. "/a", "1") fs.symlink(dir .. "/a", dir .. "/l") print(fs.read(dir .. "/l"), fs.stat(dir .. "/l").type) --> 1 link',
      ),
    },
    {
      name: 'tmpname',
      arguments: 'prefix?: string',
      results: 'path: string | nil, error: string',
      summary: 'Makes an empty file with a new name for something temporary.',
      errors,
      since,
      permission: write,
      example: 'local path = fs.tmpname("x-") print(fs.size(path)) fs.rm(path) --> 0',
    },
    {
      name: 'tmpdir',
      arguments: 'prefix?: string',
      results: 'path: string | nil, error: string',
      summary: 'Makes a directory with a new name for something temporary.',
      errors,
      since,
      permission: write,
      example: 'local path = fs.tmpdir("x-") print(fs.is_dir(path)) fs.rm_r(path) --> true',
    },
    {
      name: 'basename',
      arguments: 'path: string, ending?: string',
      results: 'name: string',
      summary: 'Gives the last part of a path, without that ending.',
      since,
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(fs.basename("/a/b.txt"), fs.basename("/a/b.txt", ".txt")) --> b.txt b',
    },
    {
      name: 'dirname',
      arguments: 'path: string',
      results: 'path: string',
      summary: 'Gives a path without its last part.',
      since,
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(fs.dirname("/a/b.txt"), fs.dirname("b")) --> /a .',
    },
    {
      name: 'join',
      arguments: '...: string',
      results: 'path: string',
      summary: 'Puts parts of a path together and takes out `.`, `..` and double slashes.',
      since,
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(fs.join("a", "./b", "../c.txt")) --> a/c.txt',
    },
    {
      name: 'glob',
      arguments: 'pattern: string, options?: {dir?: string, hidden?: boolean, directories?: boolean}',
      results: 'paths: string[] | nil, error: string',
      summary:
        'Lists the files whose paths match `*`, `**`, `?`, `[a-z]` and `{a,b}`, sorted, relative to the directory.',
      errors,
      since,
      permission: read,
      example: inTemporary(
        'fs.write(dir .. "/a.lua", "") fs.write(dir .. "/b.txt", "") print(table.concat(fs.glob("*.lua", {dir = dir}), " ")) --> a.lua',
      ),
    },
    {
      name: 'walk',
      arguments: 'path: string',
      results: 'step: function, nil, nil, guard: any',
      summary:
        'Visits all that is below a directory: `for path, type in fs.walk(dir)`, a directory before what is in it.',
      errors: 'raises when the path may not be used, and when it is no directory',
      since,
      permission: read,
      inLua: true,
      example: inTemporary(
        'fs.mkdir(dir .. "/a/b") for path, type in fs.walk(dir) do print(fs.basename(path), type) end --> b directory',
      ),
    },
    {
      name: 'lines',
      arguments: 'path: string',
      results: 'step: function, nil, nil, guard: any',
      summary: 'Reads a file line by line without loading it whole: `for line in fs.lines(path)`.',
      errors: 'raises when the file may not or cannot be read',
      since,
      permission: read,
      inLua: true,
      example: inTemporary(
        'fs.write(dir .. "/a", "1\\n2") local sum = 0 for line in fs.lines(dir .. "/a") do sum = sum + line end print(sum) --> 3',
      ),
    },
    {
      name: 'watch',
      arguments: 'path: string, options?: {depth?: integer}',
      results: 'watcher: watcher',
      summary:
        'Watches a file or directory: the channel `events` gives `{type =, path =}`, with the types `add`, `change`, `remove`, `add_dir` and `remove_dir`.',
      errors: 'raises when the path may not be used',
      since,
      permission: read,
      inLua: true,
      example: inTemporary(
        'local watcher = fs.watch(dir) fs.write(dir .. "/a", "1") print(watcher.events:receive().type) watcher:close() --> add',
      ),
    },
  ],
  methods: [
    {
      of: 'watcher',
      name: 'close',
      arguments: '',
      results: 'true',
      summary: 'Stops watching; the channel closes.',
      since,
    },
  ],
  lua,
  internals: ['open_walk', 'open_lines', 'open_watch', 'next', 'close'],
  load: () => import('./functions.js'),
};
