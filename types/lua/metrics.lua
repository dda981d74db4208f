---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.metricslib
metrics = {}

---Adds to a counter (1), and tells what it is then.
---
---- errors: raises for a negative amount, and for a name of another kind
---- may switch: yes
---@param name string
---@param amount? number
---@param labels? table
---@return number value
function metrics.counter(name, amount, labels) end

---Sets a gauge.
---
---- errors: raises for a name of another kind
---- may switch: yes
---@param name string
---@param value number
---@param labels? table
---@return number value
function metrics.gauge(name, value, labels) end

---Adds an observation to a histogram, and tells how many there are.
---
---- errors: raises for a name of another kind
---- may switch: yes
---@param name string
---@param value number
---@param labels? table
---@return integer count
function metrics.histogram(name, value, labels) end

---Calls f and adds the milliseconds that it took to a histogram, also when it raises.
---
---- errors: raises what f raises
---- may switch: yes
---@param name string
---@param f function
---@param labels? table
---@return any ...
function metrics.timer(name, f, labels) end

---Tells of a metric: `type`, and `value`, or `count`, `sum`, `min`, `max`, `mean`, `p50`, `p95` and `p99` of the last 1000.
---
---- may switch: yes
---@param name string
---@param labels? table
---@return table|nil metric
function metrics.get_custom(name, labels) end

---Lists the metrics.
---
---- may switch: yes
---@return string[] names
function metrics.list_custom() end

---Gives all metrics in the text format of Prometheus.
---
---- may switch: yes
---@return string text
function metrics.export() end

---Dispatches the event `metrics.alert`.
---
---- may switch: yes
---@param name string
---@param alert { level?: string, message: string }
---@return true
function metrics.alert(name, alert) end

---Tells of the machine's processors; the usage is the load of a minute over the cores.
---
---- may switch: yes
---@return { cores: integer, load_1: number, load_5: number, load_15: number, usage_percent: number } cpu
function metrics.system_cpu() end

---Tells of the machine's memory.
---
---- may switch: yes
---@return { total_mb: number, used_mb: number, free_mb: number, usage_percent: number } memory
function metrics.system_memory() end

---Tells of the file system that a path (`/`) is on.
---
---- errors: raises when the path may not be read
---- permission: `--allow-read`
---- may switch: yes
---@param path? string
---@return { total_mb: number, used_mb: number, free_mb: number, usage_percent: number }|nil disk
---@return string|nil error
function metrics.system_disk(path) end

---Tells of this process: `pid`, `node`, `uptime_s`, `memory_mb`, and `goroutines`, `workers`, `islands` of the runtime.
---
---- may switch: yes
---@return table info
function metrics.runtime_info() end

---Judges the machine: `healthy`, `degraded` from 80 % of processors or memory on, `unhealthy` from 95 % on.
---
---- may switch: yes
---@return { status: string, cpu_percent: number, memory_percent: number } status
function metrics.health_status() end
