---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.file_opslib
file_ops = {}

---Copies a file, or a directory with what is in it, where it differs.
---
---- errors: raises for wrong options, and when a file may not be read or written
---- permission: `--allow-write`
---- may switch: yes
---@param options { src: string, dest: string, mode?: string|integer, backup?: boolean }
---@return table|nil result
---@return table|string result
function file_ops.copy(options) end

---Downloads a file that is not there, or has another checksum than `sha256:...`; with `force` anyway.
---
---- errors: raises for wrong options, and what may not be talked to or written
---- permission: `--allow-net`
---- may switch: yes
---@param options { url: string, dest: string, checksum?: string, force?: boolean, mode?: string|integer, headers?: table, timeout?: number|string }
---@return table|nil result
---@return table|string result
function file_ops.fetch(options) end

---Writes a template, of a file or a text, filled in as `template.render` does.
---
---- errors: raises for wrong options, a name that has no value, and when a file may not be read or written
---- permission: `--allow-write`
---- may switch: yes
---@param options { src?: string, content?: string, dest: string, vars?: table, mode?: string|integer, backup?: boolean }
---@return table|nil result
---@return table|string result
function file_ops.template(options) end

---Makes sure that a line is there: in the place of the last one that matches `regexp`, else behind or before the last that matches another pattern, else at the end (`EOF`) or the beginning (`BOF`). With `state = "absent"` that none is.
---
---- errors: raises for wrong options and patterns, and when the file may not be written
---- permission: `--allow-write`
---- may switch: yes
---@param options { path: string, line?: string, regexp?: string, state?: string, insertafter?: string, insertbefore?: string, create?: boolean, backup?: boolean, mode?: string|integer }
---@return table|nil result
---@return table|string result
function file_ops.lineinfile(options) end

---Makes sure of some lines between two markers, `# BEGIN MANAGED BLOCK` and `# END MANAGED BLOCK` unless `marker` says otherwise.
---
---- errors: raises for wrong options and patterns, a block that does not end, and when the file may not be written
---- permission: `--allow-write`
---- may switch: yes
---@param options { path: string, block?: string, marker?: string, state?: string, insertafter?: string, insertbefore?: string, create?: boolean, backup?: boolean, mode?: string|integer }
---@return table|nil result
---@return table|string result
function file_ops.blockinfile(options) end

---Replaces all that matches in a file; `^` and `$` stand for the ends of lines, `$1` for a group. `count` tells how often.
---
---- errors: raises for wrong options and patterns, and when the file may not be written
---- permission: `--allow-write`
---- may switch: yes
---@param options { path: string, regexp: string, replace?: string, backup?: boolean, mode?: string|integer }
---@return table|nil result
---@return table|string result
function file_ops.replace(options) end

---Unpacks a tar or tar.gz archive whose files are not there yet. Nothing is written when an entry would leave the directory, or more than `max_bytes`, 1 GiB by default, would come out.
---
---- errors: raises for wrong options, and when files may not be read or written
---- permission: `--allow-write`
---- may switch: yes
---@param options { src: string, dest: string, strip?: integer, max_bytes?: integer }
---@return table|nil result
---@return table|string result
function file_ops.unarchive(options) end

---Tells what a path leads to: `exists type size mode uid gid mtime`, and with the name of an algorithm its `checksum`.
---
---- errors: raises for wrong options, and when it may not be read
---- permission: `--allow-read`
---- may switch: yes
---@param options { path: string, checksum?: string }
---@return table info
function file_ops.stat(options) end
