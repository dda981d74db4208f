---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.perflib
perf = {}

---Calls f and gives its first result, the time it took in ms, and nothing or what it raised; with a name, `perf.stats` counts it.
---
---- may switch: yes
---@param f function
---@param name? string
---@return any result
---@return number milliseconds
---@return any error
function perf.measure(f, name) end

---Tells of what was measured under that name: `count`, `failures`, and `total`, `mean`, `min` and `max` in ms; without a name of everything, by name.
---
---- may switch: yes
---@param name? string
---@return table stats
function perf.stats(name) end

---Tells how much memory the process has, had at most, and may have: `resource_limits.max_memory`, else the container, else the machine.
---
---- may switch: yes
---@return { current_mb: number, peak_mb: number, max_mb: number, usage_percent: number } memory
function perf.memory() end
