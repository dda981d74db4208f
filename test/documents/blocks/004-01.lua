-- Create channels
local ch = channel.make()      -- Unbuffered channel
local ch2 = channel.make(10)    -- Buffered channel with capacity 10

-- Send and receive
ch:send("hello")                -- Blocks until received
local msg = ch:receive()        -- Blocks until available
print(msg)                      -- "hello"

-- Non-blocking operations
local ok = ch:try_send("data")  -- Returns false if would block
local val, ok = ch:try_receive() -- Returns nil, false if empty

-- Close channel
ch:close()
local val, ok = ch:receive()    -- ok = false when closed
