-- Running programs. The host starts and ends them; what the program is told of their output happens in its own goroutine.
local library, host, class = ...
local atomic = library "goroutine.atomic_int"
local check = library "prelude.check"
local daemon = library "internal.daemon"
local getmetatable = library "_G.getmetatable"
local gmatch = library "string.gmatch"
local goroutine_id = library "goroutine.id"
local gsub = library "string.gsub"
local make = library "channel.make"
local setmetatable = library "_G.setmetatable"
local tostring = library "_G.tostring"
local type = library "_G.type"
local within = library "prelude.within"

local begin, collect, next_lines, wait = host "begin", host "collect", host "next_lines", host "wait"
local kill, write, close_stdin, is_running = host "kill", host "write", host "close_stdin", host "is_running"
local abandon = host "abandon"

-- How many lines wait in the channel of a process.
local BUFFER <const> = 256

local RUN_OPTIONS <const> = {"workdir", "env", "timeout", "stdin", "shell", "on_stdout", "on_stderr"}
local START_OPTIONS <const> = {"workdir", "env", "timeout", "stdin", "shell"}

-- What a command came to. It can be used as the text that the command wrote.
local Result = class "result"

local function lines(result)
  local list = {}
  if result.stdout == "" then return list end
  for line in gmatch(result.stdout, "([^\n]*)\n?") do list[#list + 1] = line end
  return list
end

function Result.__index(result, key)
  if key == "lines" then return lines end
  local method = getmetatable("").__index[key]
  if type(method) ~= "function" then return nil end
  return function(self, ...)
    if self == result then self = result.stdout end
    return method(self, ...)
  end
end

function Result.__tostring(result) return result.stdout end

local function text_of(value)
  if type(value) == "table" and getmetatable(value) == false and type(value.stdout) == "string" then return value.stdout end
  return value
end

function Result.__concat(left, right) return text_of(left) .. text_of(right) end
function Result.__len(result) return #result.stdout end

local function finish(stdout, stderr, exit_code, problem)
  local result = setmetatable({
    stdout = stdout, stderr = stderr, exit_code = exit_code, success = problem == nil, output = stdout,
    timed_out = exit_code == 124 and problem ~= nil or nil,
  }, Result)
  if problem == nil then return result, nil, false end
  if problem == "" then problem = gsub(stderr, "%s+$", "") end
  if problem == "" then problem = "exit code " .. tostring(exit_code) end
  return result, problem, true
end

local function check_options(name, known, options)
  if options == nil then return {} end
  return check.options("exec." .. name, 2, "", known, options)
end

-- Ends the process however the call is left.
local Guard <const> = {
  __close = function(guard)
    if guard.id then abandon(guard.id, guard.forget) end
  end,
}

local last_id = 0

-- Made here, so that the process is ended even if the answer of the host reaches nobody any more.
local function new_id()
  last_id = last_id + 1
  return goroutine_id() .. "." .. last_id
end

local function follow(spec, on_stdout, on_stderr)
  local id = new_id()
  local guard <close> = setmetatable({id = id, forget = true}, Guard)
  begin(spec, id)
  while true do
    local batch = next_lines(id)
    if not batch then return wait(id) end
    for i = 1, #batch, 2 do
      local listener = batch[i] == 1 and on_stdout or batch[i] == 2 and on_stderr
      if listener then listener(batch[i + 1]) end
    end
  end
end

-- What a context broke off ends as what took too long does.
local function ended(in_time, stdout, ...)
  if in_time then return finish(stdout, ...) end
  return finish("", "", 124, stdout)
end

local exec = {}

function exec.run(command, options)
  options = check_options("run", RUN_OPTIONS, options)
  local limit, ctx = within.parts("exec.run", 2, "option 'timeout'", options.timeout)
  local spec = {
    command = command, workdir = options.workdir, env = options.env, timeout = limit, stdin = options.stdin,
    shell = options.shell,
  }
  local on_stdout, on_stderr = options.on_stdout, options.on_stderr
  if on_stdout == nil and on_stderr == nil then return ended(within.call(ctx, collect, spec)) end
  spec.lines, spec.capture = true, true
  return ended(within.call(ctx, follow, spec, on_stdout, on_stderr))
end

exec.__call = exec.run

local Process = class "process"
Process.__index = {}

local function pump(id, out, err)
  local guard <close> = setmetatable({id = id}, Guard)
  while true do
    local batch = next_lines(id)
    if not batch then return end
    for i = 1, #batch, 2 do
      local channel = batch[i] == 1 and out or err
      channel:send(batch[i + 1])
    end
  end
end

local function kill_with(id, done)
  done:receive()
  kill(id)
end

function exec.start(command, options)
  options = check_options("start", START_OPTIONS, options)
  local limit, ctx = within.parts("exec.start", 2, "option 'timeout'", options.timeout)
  local spec = {
    command = command, workdir = options.workdir, env = options.env, timeout = limit, stdin = options.stdin,
    shell = options.shell, lines = true,
  }
  local id = new_id()
  local guard <close> = setmetatable({id = id}, Guard)
  local pid = begin(spec, id)
  local out, err = make(BUFFER), make(BUFFER)
  daemon({atomic(1), out, err}, pump, id, out, err)
  guard.id = nil  -- the pump has it now
  if ctx then daemon({atomic(1)}, kill_with, id, ctx:done()) end
  return setmetatable({id = id, pid = pid, stdout = out:as_receiver(), stderr = err:as_receiver()}, Process)
end

function Process.__index.wait(process, timeout)
  local limit, ctx = within.parts("process:wait", 1, "timeout", timeout)
  local in_time, stdout, stderr, exit_code, problem = within.call(ctx, wait, process.id, limit)
  if not in_time then return nil, stdout end
  if stdout == nil then return nil, "timeout" end
  return finish(stdout, stderr, exit_code, problem)
end

function Process.__index.kill(process, signal) return kill(process.id, signal) end
function Process.__index.write(process, text) return write(process.id, text) end
function Process.__index.close_stdin(process) return close_stdin(process.id) end
function Process.__index.is_running(process) return is_running(process.id) end
function Process.__tostring(process) return "process: " .. tostring(process.pid) end

return exec
