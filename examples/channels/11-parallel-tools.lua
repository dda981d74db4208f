-- Adapted: a module tools of its own. One of the three tools does not exist.

package.preload.tools = function()
    local known = {
        web_search = function(params) return "pages about " .. params.query end,
        calculator = function(params) return load("return " .. params.expression)() end,
    }
    return {
        execute = function(name, params)
            channel.sleep(0.1)
            local tool = known[name] or error("no such tool: " .. name)
            return tool(params)
        end,
    }
end

-- Execute multiple tools in parallel
local tools = require("tools")
local results = channel.make()

local tool_calls = {
    {name = "web_search", params = {query = "Lua programming"}},
    {name = "calculator", params = {expression = "2 + 2"}},
    {name = "weather", params = {location = "San Francisco"}}
}

-- Execute tools concurrently
for _, call in ipairs(tool_calls) do
    go.spawn(function(tool_info)
        local ok, result = pcall(function()
            return tools.execute(tool_info.name, tool_info.params)
        end)
        
        results:send({
            tool = tool_info.name,
            success = ok,
            result = ok and result or tostring(result)
        })
    end, call)
end

-- Collect results
for i = 1, #tool_calls do
    local result = results:receive()
    print(string.format("Tool: %s\nSuccess: %s\nResult: %s\n",
        result.tool, tostring(result.success), result.result))
end
