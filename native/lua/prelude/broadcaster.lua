-- Making broadcasters; their methods are native.
local library = ...
local check = library "prelude.check"
local make = library "internal.broadcaster"

local function broadcaster(options)
  local buffer, on_full = 10, "block"
  if options ~= nil then
    check.options("broadcaster", 1, "", {"buffer", "on_full"}, options)
    if options.on_full ~= nil then
      on_full = check.one_of("broadcaster", 1, "option 'on_full'", {"block", "drop_oldest", "drop_newest"}, options.on_full)
    end
    -- Where nothing fits nothing could be dropped to make room.
    local least = on_full == "block" and 0 or 1
    if options.buffer ~= nil then buffer = check.capacity("broadcaster", 1, "option 'buffer'", least, options.buffer) end
  end
  return make(buffer, on_full)
end

return {broadcaster = broadcaster}
