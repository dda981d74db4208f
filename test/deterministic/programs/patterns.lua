-- The patterns made of goroutines of the library: pipelines, fans, maps, debouncing.
local input = channel.make()
go.spawn(function()
  for i = 1, 10 do input:send(i) end
  input:close()
end)
local output, errors = goroutine.pipeline(input, {
  {fn = function(n) return n * n end, workers = 3},
  {fn = function(n) if n == 49 then error("no sevens") end return n + 1 end},
})
for value in output:range() do print(value) end
for failure in errors:range() do print(failure.stage, failure.value) end

local source = channel.make()
local parts = goroutine.fan_out(source, 3)
go.spawn(function()
  for i = 1, 9 do source:send(i) end
  source:close()
end)
for i, part in ipairs(parts) do
  local inner = part
  parts[i] = channel.make()
  local outer = parts[i]
  go.spawn(function()
    for value in inner:range() do outer:send(i .. ":" .. value) end
    outer:close()
  end)
end
local merged = {}
for value in goroutine.fan_in(parts):range() do merged[#merged + 1] = value end
print(table.concat(merged, " "))
print(table.concat(goroutine.map({5, 3, 1}, function(n)
  goroutine.sleep(n)
  return n * 2
end), " "))
