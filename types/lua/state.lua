---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.statelib
state = {}

---Keeps a value: `nil` removes it. With a duration it is gone after that time.
---
---- durations: in seconds
---- errors: raises for functions, handles, and tables in themselves
---- may switch: yes
---@param key string
---@param value any
---@param duration? string|number
---@return true
function state.set(key, value, duration) end

---Keeps a value for a time.
---
---- durations: in seconds
---- errors: raises for functions, handles, and tables in themselves
---- may switch: yes
---@param key string
---@param value any
---@param duration string|number
---@return true
function state.set_with_ttl(key, value, duration) end

---Gives the value of a key as it was kept, integers, floats and tables; else the default, or `nil, "key not found: <key>"`.
---
---- may switch: yes
---@param key string
---@param default? any
---@return any value
---@return string|nil error
function state.get(key, default) end

---Removes a key; tells whether it was there.
---
---- may switch: yes
---@param key string
---@return boolean
function state.delete(key) end

---Tells whether a key has a value.
---
---- may switch: yes
---@param key string
---@return boolean
function state.exists(key) end

---Tells whether a key has a value.
---
---- may switch: yes
---@param key string
---@return boolean
function state.has(key) end

---Gives all keys that begin so with their values, as a table `{[key] = value}`.
---
---- may switch: yes
---@param prefix? string
---@return table values
function state.keys(prefix) end

---Removes all keys, or those that begin so; tells how many there were.
---
---- may switch: yes
---@param prefix? string
---@return integer removed
function state.clear(prefix) end

---Adds to a number (1), which begins at 0, and gives the sum; nobody comes between.
---
---- errors: raises where the value is no number
---- may switch: yes
---@param key string
---@param amount? number
---@return number value
function state.increment(key, amount) end

---Takes from a number (1), which begins at 0, and gives what is left.
---
---- errors: raises where the value is no number
---- may switch: yes
---@param key string
---@param amount? number
---@return number value
function state.decrement(key, amount) end

---Adds to the end of a string, which begins empty, and gives the whole.
---
---- errors: raises where the value is no string
---- may switch: yes
---@param key string
---@param text string
---@return string text
function state.append(key, text) end

---Sets the value if it equals `old` in type and content, `nil` being a key that is not there; tells whether it did.
---
---- may switch: yes
---@param key string
---@param old any
---@param new any
---@return boolean
function state.compare_swap(key, old, new) end

---Limits the time of a key, or without a duration keeps it for ever; `false` where it is not there.
---
---- durations: in seconds
---- may switch: yes
---@param key string
---@param duration? string|number
---@return boolean
function state.set_ttl(key, duration) end

---Tells how long a key is still there; `nil` for ever or not at all.
---
---- may switch: yes
---@param key string
---@return number|nil seconds
function state.get_ttl(key) end

---Adds values to the end of a list, which begins empty; tells its length.
---
---- errors: raises where the value is no list
---- may switch: yes
---@param key string
---@param ... any
---@return integer length
function state.list_push(key, ...) end

---Takes the last value of a list, or the first; `nil` where there is none.
---
---- errors: raises where the value is no list
---- may switch: yes
---@param key string
---@param side? "first"|"last"
---@return any value
function state.list_pop(key, side) end

---Tells how many values a list has.
---
---- errors: raises where the value is no list
---- may switch: yes
---@param key string
---@return integer length
function state.list_length(key) end

---Calls f while nobody else, in any process, has the lock of that name; `nil, "timeout"` when it did not come in time.
---
---- durations: in seconds
---- errors: raises what f raises
---- may switch: yes
---@param name string
---@param f function
---@param timeout? string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }
---@return any
---@return any ...
function state.with_lock(name, f, timeout) end

---Waits for a lock, which this runtime then has until it lets it go or ends.
---
---- durations: in seconds
---- may switch: yes
---@param name string
---@param timeout? string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }
---@return boolean
---@return string|nil error
function state.lock(name, timeout) end

---Takes a lock if nobody has it.
---
---- may switch: yes
---@param name string
---@return boolean
function state.try_lock(name) end

---Lets a lock go; `false` where this runtime does not have it.
---
---- may switch: yes
---@param name string
---@return boolean
function state.unlock(name) end

---Calls `f(tx)`, where `tx:get`, `tx:set` and `tx:delete` see one moment, and keeps all that it set at once; calls f again when somebody else changed what it read.
---
---- errors: raises what f raises, and keeps nothing then; raises after 100 attempts
---- may switch: yes
---@param f function
---@return any ...
function state.transaction(f) end

---Watches keys that begin so: the channel `changes` gives `{key =, value =}`, without a value where it was removed, from other processes, too.
---
---- may switch: yes
---@param prefix? string
---@return sloth.state_watch watch
function state.watch(prefix) end

---Tells how many keys there are, how many bytes their values have, the number of the last change, and `sqlite`, `log` or `memory`.
---
---- may switch: yes
---@return { total_keys: integer, total_size: integer, last_modified: integer, backend: string } stats
function state.stats() end
