-- Adapted: a module llm of its own, so that it runs without a service. The answers come in the order they are done.

package.preload.llm = function()
    return {
        generate = function(request)
            channel.sleep(#request.prompt / 100)
            return string.format("%d characters, at most %d tokens", #request.prompt, request.max_tokens)
        end,
    }
end

-- Asynchronous LLM calls
local llm = require("llm")
local responses = channel.make(10)

-- Spawn multiple LLM requests
local prompts = {
    "What is the capital of France?",
    "Explain quantum computing",
    "Write a haiku about coding"
}

for i, prompt in ipairs(prompts) do
    go.spawn(function(id, p)
        local result = llm.generate({
            prompt = p,
            max_tokens = 100
        })
        
        responses:send({
            id = id,
            prompt = p,
            response = result
        })
    end, i, prompt)
end

-- Collect responses
for i = 1, #prompts do
    local result = responses:receive()
    print(string.format("Response %d:\nPrompt: %s\nAnswer: %s\n", 
        result.id, result.prompt, result.response))
end
