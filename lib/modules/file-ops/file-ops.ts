import type {ModuleDeclaration} from '../declaration.js';

/** Changes to files that happen once, however often they are asked for. */
export const fileOps: ModuleDeclaration = {
  name: 'file_ops',
  functions: [
    {
      name: 'copy',
      arguments: 'options: {src: string, dest: string, mode?: string | integer, backup?: boolean}',
      results: 'result: table, result: table | nil, error: string',
      summary: 'Copies a file, or a directory with what is in it, where it differs.',
      errors: 'raises for wrong options, and when a file may not be read or written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'local dir = fs.tmpdir() local path = dir .. "/f" fs.write(path, "x") print(file_ops.copy({src = path, dest = dir .. "/g"}).changed, file_ops.copy({src = path, dest = dir .. "/g"}).changed) fs.rm_r(dir) --> true false',
    },
    {
      name: 'fetch',
      arguments:
        'options: {url: string, dest: string, checksum?: string, force?: boolean, mode?: string | integer, headers?: table, timeout?: number | string}',
      results: 'result: table, result: table | nil, error: string',
      summary: 'Downloads a file that is not there, or has another checksum than `sha256:...`; with `force` anyway.',
      errors: 'raises for wrong options, and what may not be talked to or written',
      since: '1.0',
      permission: 'allow-net',
      example: 'print(pcall(file_ops.fetch, {url = "no url", dest = "x"}) == false) --> true',
    },
    {
      name: 'template',
      arguments:
        'options: {src?: string, content?: string, dest: string, vars?: table, mode?: string | integer, backup?: boolean}',
      results: 'result: table, result: table | nil, error: string',
      summary: 'Writes a template, of a file or a text, filled in as `template.render` does.',
      errors: 'raises for wrong options, a name that has no value, and when a file may not be read or written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'local dir = fs.tmpdir() local path = dir .. "/f" file_ops.template({content = "port = {{ port }}\\n", dest = path, vars = {port = 80}}) print((fs.read(path))) fs.rm_r(dir) --> port = 80',
    },
    {
      name: 'lineinfile',
      arguments:
        'options: {path: string, line?: string, regexp?: string, state?: string, insertafter?: string, insertbefore?: string, create?: boolean, backup?: boolean, mode?: string | integer}',
      results: 'result: table, result: table | nil, error: string',
      summary:
        'Makes sure that a line is there: in the place of the last one that matches `regexp`, else behind or before the last that matches another pattern, else at the end (`EOF`) or the beginning (`BOF`). With `state = "absent"` that none is.',
      errors: 'raises for wrong options and patterns, and when the file may not be written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'local dir = fs.tmpdir() local path = dir .. "/f" fs.write(path, "a=1\\nb=2\\n") print(file_ops.lineinfile({path = path, regexp = "^a=", line = "a=5"}).changed, (fs.read(path):gsub("\\n", " "))) fs.rm_r(dir) --> true a=5 b=2',
    },
    {
      name: 'blockinfile',
      arguments:
        'options: {path: string, block?: string, marker?: string, state?: string, insertafter?: string, insertbefore?: string, create?: boolean, backup?: boolean, mode?: string | integer}',
      results: 'result: table, result: table | nil, error: string',
      summary:
        'Makes sure of some lines between two markers, `# BEGIN MANAGED BLOCK` and `# END MANAGED BLOCK` unless `marker` says otherwise.',
      errors: 'raises for wrong options and patterns, a block that does not end, and when the file may not be written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'local dir = fs.tmpdir() local path = dir .. "/f" fs.write(path, "a\\n") print(file_ops.blockinfile({path = path, block = "b\\nc"}).changed, file_ops.blockinfile({path = path, block = "b\\nc"}).changed) fs.rm_r(dir) --> true false',
    },
    {
      name: 'replace',
      arguments: 'options: {path: string, regexp: string, replace?: string, backup?: boolean, mode?: string | integer}',
      results: 'result: table, result: table | nil, error: string',
      summary:
        'Replaces all that matches in a file; `^` and `$` stand for the ends of lines, `$1` for a group. `count` tells how often.',
      errors: 'raises for wrong options and patterns, and when the file may not be written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'local dir = fs.tmpdir() local path = dir .. "/f" fs.write(path, "a1 a2") print(file_ops.replace({path = path, regexp = "a(\\\\d)", replace = "b$1"}).count, (fs.read(path))) fs.rm_r(dir) --> 2 b1 b2',
    },
    {
      name: 'unarchive',
      arguments: 'options: {src: string, dest: string, strip?: integer, max_bytes?: integer}',
      results: 'result: table, result: table | nil, error: string',
      summary:
        'Unpacks a tar or tar.gz archive whose files are not there yet. Nothing is written when an entry would leave the directory, or more than `max_bytes`, 1 GiB by default, would come out.',
      errors: 'raises for wrong options, and when files may not be read or written',
      since: '1.0',
      permission: 'allow-write',
      example:
        'print(file_ops.unarchive({src = "/no/such.tar", dest = "x"})) --> nil /no/such.tar: no such file or directory',
    },
    {
      name: 'stat',
      arguments: 'options: {path: string, checksum?: string}',
      results: 'info: table',
      summary:
        'Tells what a path leads to: `exists type size mode uid gid mtime`, and with the name of an algorithm its `checksum`.',
      errors: 'raises for wrong options, and when it may not be read',
      since: '1.0',
      permission: 'allow-read',
      example: 'print(file_ops.stat({path = "/"}).type) --> directory',
    },
  ],
  load: () => import('./functions.js'),
};
