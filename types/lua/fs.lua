---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.fslib
fs = {}

---Reads a file whole.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return string|nil text
---@return string|nil error
function fs.read(path) end

---Writes a file whole; others see the old content or the new one, never a part.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@param text string
---@param options? { mode?: integer }
---@return boolean
---@return string|nil error
function fs.write(path, text, options) end

---Writes behind the end of a file, which is made if need be.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@param text string
---@return boolean
---@return string|nil error
function fs.append(path, text) end

---Tells whether there is something of that name.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return boolean
function fs.exists(path) end

---Tells whether there is a file of that name.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return boolean
function fs.is_file(path) end

---Tells whether there is a directory of that name.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return boolean
function fs.is_dir(path) end

---Makes a directory and those above it; one that is there stays.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.mkdir(path) end

---Removes a file, a link or an empty directory.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.rm(path) end

---Removes a file, a link or an empty directory.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.remove(path) end

---Removes a directory with all that is in it, without following links; what is not there is removed already.
---
---- errors: raises when the path may not be used, and for the root, the working directory and what is above it
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.rm_r(path) end

---Removes a directory with all that is in it, without following links; what is not there is removed already.
---
---- errors: raises when the path may not be used, and for the root, the working directory and what is above it
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.rmr(path) end

---Removes a directory with all that is in it, without following links; what is not there is removed already.
---
---- errors: raises when the path may not be used, and for the root, the working directory and what is above it
---- permission: `--allow-write`
---- may switch: yes
---@param path string
---@return boolean
---@return string|nil error
function fs.remove_recursive(path) end

---Lists the names in a directory, sorted.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return string[]|nil names
---@return string|nil error
function fs.ls(path) end

---Lists the names in a directory, sorted.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return string[]|nil names
---@return string|nil error
function fs.list(path) end

---Tells about a file, a link itself: `type` is `file`, `directory`, `link` or `other`, times are seconds since 1970.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return { type: string, size: integer, mode: integer, mtime: number, atime: number, ctime: number, uid: integer, gid: integer, link?: string }|nil info
---@return string|nil error
function fs.stat(path) end

---Tells how long a file is.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return integer|nil bytes
---@return string|nil error
function fs.size(path) end

---Copies a file, or a directory with all that is in it; links stay links.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param from string
---@param to string
---@return boolean
---@return string|nil error
function fs.copy(from, to) end

---Gives a file or directory another name, on another file system, too.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param from string
---@param to string
---@return boolean
---@return string|nil error
function fs.move(from, to) end

---Gives a file or directory another name, on another file system, too.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param from string
---@param to string
---@return boolean
---@return string|nil error
function fs.rename(from, to) end

---Makes a link to the target.
---
---- errors: raises when the path or the target may not be written
---- permission: `--allow-write`
---- may switch: yes
---@param target string
---@param path string
---@return boolean
---@return string|nil error
function fs.symlink(target, path) end

---Makes an empty file with a new name for something temporary.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param prefix? string
---@return string|nil path
---@return string|nil error
function fs.tmpname(prefix) end

---Makes a directory with a new name for something temporary.
---
---- errors: raises when the path may not be used
---- permission: `--allow-write`
---- may switch: yes
---@param prefix? string
---@return string|nil path
---@return string|nil error
function fs.tmpdir(prefix) end

---Gives the last part of a path, without that ending.
---
---- may switch: no
---@param path string
---@param ending? string
---@return string name
function fs.basename(path, ending) end

---Gives a path without its last part.
---
---- may switch: no
---@param path string
---@return string path
function fs.dirname(path) end

---Puts parts of a path together and takes out `.`, `..` and double slashes.
---
---- may switch: no
---@param ... string
---@return string path
function fs.join(...) end

---Lists the files whose paths match `*`, `**`, `?`, `[a-z]` and `{a,b}`, sorted, relative to the directory.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param pattern string
---@param options? { dir?: string, hidden?: boolean, directories?: boolean }
---@return string[]|nil paths
---@return string|nil error
function fs.glob(pattern, options) end

---Visits all that is below a directory: `for path, type in fs.walk(dir)`, a directory before what is in it.
---
---- errors: raises when the path may not be used, and when it is no directory
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return function step
---@return nil
---@return nil
---@return any guard
function fs.walk(path) end

---Reads a file line by line without loading it whole: `for line in fs.lines(path)`.
---
---- errors: raises when the file may not or cannot be read
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return function step
---@return nil
---@return nil
---@return any guard
function fs.lines(path) end

---Watches a file or directory: the channel `events` gives `{type =, path =}`, with the types `add`, `change`, `remove`, `add_dir` and `remove_dir`.
---
---- errors: raises when the path may not be used
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@param options? { depth?: integer }
---@return sloth.watcher watcher
function fs.watch(path, options) end
