local library, host = ...
local breaker = library "flow.circuit_breaker"
local check = library "prelude.check"
local pack = library "table.pack"
local pcall = library "_G.pcall"
local random = library "math.random"
local sleep = library "goroutine.sleep"
local type = library "_G.type"
local unpack = library "table.unpack"

local stats = host "get_circuit_stats"

local reliability = {}

local STRATEGIES <const> = {"fixed", "linear", "exponential", "custom"}
local RETRY_OPTIONS <const> = {"max_attempts", "initial_delay", "max_delay", "strategy", "multiplier", "jitter", "delay", "on_retry"}
local BREAKER_OPTIONS <const> = {"max_failures", "timeout", "success_threshold", "on_state_change"}

-- The results of a call that succeeded, or nothing and what went wrong.
local function attempt_call(f, attempt)
  local results = pack(pcall(f, attempt))
  if not results[1] then return nil, pack(nil, results[2]) end
  results = pack(unpack(results, 2, results.n))
  if results.n > 0 and not results[1] then return nil, results end
  return results
end

local function retry(f, attempts, delay_of, on_retry)
  for attempt = 1, attempts do
    local results, failed = attempt_call(f, attempt)
    if results then return unpack(results, 1, results.n) end
    if attempt == attempts then return unpack(failed, 1, failed.n) end
    local delay = delay_of(attempt)
    if on_retry then on_retry(attempt, failed[2], delay) end
    sleep(delay * 1000)
  end
end

local function seconds(name, argument, what, value)
  if type(value) ~= "number" or not (value >= 0 and value < 2.0 ^ 40) then
    check.is_a(name, argument, what, "number of seconds", false)
  end
  return value
end

function reliability.retry(attempts, delay, f)
  check.count("reliability.retry", 1, "", 1, attempts)
  seconds("reliability.retry", 2, "", delay)
  return retry(f, attempts, function() return delay end)
end

function reliability.retry_with_config(config, f)
  local name = "reliability.retry_with_config"
  check.options(name, 1, "", RETRY_OPTIONS, config)
  local function or_default(option, default) return config[option] == nil and default or config[option] end
  local attempts = check.count(name, 1, "option 'max_attempts'", 1, or_default("max_attempts", 3))
  local first = seconds(name, 1, "option 'initial_delay'", or_default("initial_delay", 1))
  local most = seconds(name, 1, "option 'max_delay'", or_default("max_delay", 300))
  local factor = check.is_a(name, 1, "option 'multiplier'", "number", or_default("multiplier", 2))
  local strategy = check.one_of(name, 1, "option 'strategy'", STRATEGIES, or_default("strategy", "exponential"))
  local jitter = or_default("jitter", 0)
  if jitter == true then jitter = 0.2 end
  if jitter == false then jitter = 0 end
  check.is_a(name, 1, "option 'jitter'", "number", jitter)
  if strategy == "custom" then check.is_a(name, 1, "option 'delay'", "function", config.delay) end
  if config.on_retry ~= nil then check.is_a(name, 1, "option 'on_retry'", "function", config.on_retry) end
  return retry(f, attempts, function(attempt)
    local delay = first
    if strategy == "linear" then delay = first * attempt end
    if strategy == "exponential" then delay = first * factor ^ (attempt - 1) end
    if strategy == "custom" then delay = seconds(name, 1, "result of 'delay'", config.delay(attempt)) end
    if jitter > 0 then delay = delay * (1 - jitter + 2 * jitter * random()) end
    return delay < most and delay or most
  end, config.on_retry)
end

function reliability.circuit_breaker(name, options, f)
  check.options("reliability.circuit_breaker", 2, "", BREAKER_OPTIONS, options)
  local on_change = options.on_state_change
  local before = on_change and stats(name)
  local results = pack(breaker(name, f, {
    failure_threshold = options.max_failures, recovery_timeout = options.timeout, half_open_requests = options.success_threshold,
  }))
  if on_change then
    local from, to = before and before.state or "closed", stats(name).state
    if from ~= to then on_change(name, from, to) end
  end
  return unpack(results, 1, results.n)
end

return reliability
