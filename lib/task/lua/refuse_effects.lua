-- For a file that is only described: what Lua's own libraries would change outside of it raises. Modules ask their permissions.
local error, type = error, type

local function refuse(name)
  error(name .. " has an effect, and a file that is checked or planned has none; put it into a task", 3)
end

for _, name in ipairs{"execute", "remove", "rename", "tmpname"} do
  os[name] = function() refuse("os." .. name) end
end
for _, name in ipairs{"popen", "tmpfile"} do
  io[name] = function() refuse("io." .. name) end
end

local open, output = io.open, io.output

function io.open(path, mode)
  if type(mode) == "string" and mode:find("[wa+]") then refuse("io.open with the mode '" .. mode .. "'") end
  return open(path, mode)
end

function io.output(file)
  if type(file) == "string" then refuse("io.output with a file name") end
  return output(file)
end
