---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.templatelib
template = {}

---Fills in `{{ a.b }}`, `{{#each list}}...{{/each}}` with `this`, `@index` and the fields of each, and `{{#if a}}...{{else}}...{{/if}}`. Filters: `{{ a | html }}` and `{{ a | sh }}` make it safe there, `raw` is as without.
---
---- errors: raises for a name that has no value, an unknown filter, and blocks that do not end, with the line
---- may switch: yes
---@param text string
---@param values table
---@return string text
function template.render(text, values) end

---Reads a template from a file, for `template.render`.
---
---- errors: raises when the file may not or cannot be read
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@return string text
function template.load(path) end
