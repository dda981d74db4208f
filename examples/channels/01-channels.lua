-- Adapted: somebody else sends "hello", because a goroutine that sends to itself on an unbuffered channel waits for ever
-- (and the program would end with the report of a deadlock, exit code 5).

-- Create channels
local ch = channel.make()      -- Unbuffered channel
local ch2 = channel.make(10)    -- Buffered channel with capacity 10

-- Send and receive
go.spawn(function()
    ch:send("hello")            -- Blocks until received
end)
local msg = ch:receive()        -- Blocks until available
print(msg)                      -- "hello"

-- Non-blocking operations
local ok = ch:try_send("data")  -- Returns false if would block
print(ok)                       -- false
local val, ok = ch:try_receive() -- Returns nil, false if empty
print(val, ok)                  -- nil, false

-- Close channel
ch:close()
local val, ok = ch:receive()    -- ok = false when closed
print(val, ok)                  -- nil, false
