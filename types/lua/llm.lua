---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.llmlib
llm = {}

---Asks a language model and gives its answer. Options: prompt or messages ({role =, content =}), system, model, max_tokens, temperature, top_p, stop, seed, timeout (2 minutes by default), retries, url and key. SLOTH_LLM_URL, SLOTH_LLM_MODEL and SLOTH_LLM_KEY stand in for url, model and key.
---
---- durations: in seconds
---- errors: raises when nothing is configured, for a wrong option, when the endpoint cannot be reached or answers with an error, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param options { prompt?: string, messages?: table[], model?: string, max_tokens?: integer }
---@return string text
function llm.generate(options) end

---Asks a language model and gives a channel of the pieces of its answer as they come; once it is closed, problem() gives the error that broke it off, or nil. Options: prompt or messages ({role =, content =}), system, model, max_tokens, temperature, top_p, stop, seed, timeout (2 minutes by default), retries, url and key. SLOTH_LLM_URL, SLOTH_LLM_MODEL and SLOTH_LLM_KEY stand in for url, model and key.
---
---- durations: in seconds
---- errors: raises when nothing is configured, for a wrong option, when the endpoint cannot be reached or answers with an error, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param options { prompt?: string, messages?: table[], model?: string, max_tokens?: integer }
---@return sloth.channel pieces
---@return function problem
function llm.stream(options) end
