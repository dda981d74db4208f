-- One island sends a table of 100 records of 5 fields to another, which answers when it has it. Microseconds for a table.
local count = ...
local tables, answers = channel.make(), channel.make()

local function make()
  local records = {}
  for i = 1, 100 do
    records[i] = {id = i, name = "record " .. i, price = i * 1.5, sold = i % 2 == 0, city = "Lisboa"}
  end
  return records
end

local function produce(tables, answers, count)
  local records = make()
  for _ = 1, count // 10 do tables:send(records) answers:receive() end
  local started = goroutine.now()
  for _ = 1, count do tables:send(records) answers:receive() end
  local ms = goroutine.now() - started
  tables:close()
  return ms * 1000 / count
end

local function consume(tables, answers)
  for records in tables:range() do answers:send(records[100].id) end
end

goroutine.parallel(consume, tables, answers)
return select(2, assert(goroutine.await(goroutine.parallel(produce, tables, answers, count))))
