-- CPU-bound work for stock Lua and for a goroutine alike: tables, a sort with a comparator, strings, closures, the
-- collector. Returns the ms of CPU time it took.
local function work()
  local state = 42
  local function random()
    state = (state * 1103515245 + 12345) % 2147483648
    return state
  end
  local function round()
    local records = {}
    for i = 1, 20000 do records[i] = {id = random() % 10000, name = "record " .. i} end
    table.sort(records, function(a, b)
      if a.id ~= b.id then return a.id < b.id end
      return a.name < b.name
    end)
    local pieces = {}
    for i, record in ipairs(records) do
      if i % 4 == 0 then pieces[#pieces + 1] = string.format("%s=%d", record.name:upper(), record.id) end
    end
    local text = table.concat(pieces, ";")
    local count = 0
    for name, id in text:gmatch("(%w+ %w+)=(%d+)") do
      if name:find("7", 1, true) then count = count + tonumber(id) % 2 end
    end
    return count
  end
  local started = os.clock()
  local count = 0
  for _ = 1, 5 do count = count + round() end
  return (os.clock() - started) * 1000, count
end

if not goroutine then return print((work())) end
return select(2, assert(goroutine.await(goroutine.parallel(work))))
