-- `import(path)`.
local dsl = sloth_task
local error, ipairs, load, loadfile, table, tostring, type = error, ipairs, load, loadfile, table, tostring, type

-- What was imported, in order: {path =, running =, result =}; `dsl.imports` is the list of paths.
local imported = {}
dsl.imports = {}

local function folder_of(path) return path:match("^(.*/)[^/]*$") or "" end

-- One spelling for one file: "a/./b" and "a/x/../b" are "a/b".
local function normal(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    local last = parts[#parts]
    if part == ".." and last and last ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return (path:sub(1, 1) == "/" and "/" or "") .. table.concat(parts, "/")
end

local function run_import(path, chunk, message)
  if not chunk then error(("cannot import '%s': %s"):format(path, message), 3) end
  local entry = {path = path, running = true}
  imported[#imported + 1] = entry
  dsl.imports[#dsl.imports + 1] = path
  entry.result = chunk()
  entry.running = false
  return entry.result
end

-- Plugins by name: what `import` gave.
local plugins = {}

local function add_methods(name, functions, source, file, known)
  local taken = {}
  for _, key in ipairs(known) do taken[key] = true end
  local chunk, message = load(source, "@" .. file, "t")
  if not chunk then error(("plugin '%s': %s"):format(name, message), 0) end
  dsl.imports[#dsl.imports + 1] = file
  local methods = chunk(functions)
  if type(methods) ~= "table" then error(("plugin '%s': %s must return a table of functions"):format(name, file), 0) end
  for _, key in ipairs(dsl.sorted_keys(methods)) do
    if type(key) ~= "string" or type(methods[key]) ~= "function" then
      error(("plugin '%s': the method '%s' in %s is not a function under a name"):format(name, tostring(key), file), 0)
    end
    if taken[key] then error(("plugin '%s' cannot add the method '%s': tasks have it already"):format(name, key), 0) end
    local other = dsl.methods[key]
    if other then error(("plugin '%s' cannot add the method '%s': plugin '%s' has added it"):format(name, key, other.plugin), 0) end
    dsl.methods[key] = {plugin = name, call = methods[key]}
  end
end

local function import_plugin(name)
  if plugins[name] then return plugins[name] end
  local config = type(runner_config) == "table" and runner_config or {}
  local functions, problem, source, file, known = dsl.host.plugin(name, config.plugins_enabled, config.plugin_search_paths)
  if not functions then error(problem, 3) end
  if source then add_methods(name, functions, source, file, known) end
  plugins[name] = functions
  return functions
end

function dsl.loading.import(path)
  if type(path) ~= "string" then error("bad argument #1 to 'import' (string expected, got " .. dsl.kind_of(path) .. ")", 2) end
  -- What is loaded while tasks run, the analysis of where they run has not seen.
  if not dsl.loading then error("import defines; it works while a task file is read, not in a running task", 2) end
  local plugin = path:match("^plugin:(.+)$")
  if plugin then
    local functions = import_plugin(plugin)
    return functions
  end
  local place = dsl.here()
  local shipped = path:match("^sloth:(.+)$")
  local full = shipped and path or path:sub(1, 1) == "/" and normal(path) or normal(folder_of(place.file) .. path)
  for _, earlier in ipairs(imported) do
    if earlier.path == full and earlier.running then error(("'%s' imports itself"):format(path), 2) end
    if earlier.path == full then return earlier.result end
  end
  if shipped then
    local source, problem = dsl.host.template(shipped)
    if not source then error(problem, 2) end
    return run_import(full, load(source, "@" .. full, "t"))
  end
  return run_import(full, loadfile(full))
end
