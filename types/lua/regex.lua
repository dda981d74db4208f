---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.regexlib
regex = {}

---Tells whether a pattern occurs in a text. Flags, everywhere: `i` without regard to case, `m` lines have beginnings and ends, `s` a dot matches line ends.
---
---- errors: raises for a pattern or flags that are none
---- may switch: yes
---@param text string
---@param pattern string
---@param flags? string
---@return boolean found
function regex.test(text, pattern, flags) end

---The first match: its text and place, its groups (`false` for one that took no part) and the named ones by name.
---
---- errors: raises for a pattern or flags that are none
---- may switch: yes
---@param text string
---@param pattern string
---@param flags? string
---@return { text: string, first: integer, last: integer, groups: (string|false)[], named: table }|nil match
function regex.match(text, pattern, flags) end

---All matches, as `match` gives one.
---
---- errors: raises for a pattern or flags that are none
---- may switch: yes
---@param text string
---@param pattern string
---@param flags? string
---@return { text: string, first: integer, last: integer, groups: (string|false)[], named: table }[] matches
function regex.find_all(text, pattern, flags) end

---Replaces every match, and tells how many there were. `$1`, `$<name>` and `$0` stand for groups and the match, `$$` for a dollar.
---
---- errors: raises for a pattern or flags that are none, and a replacement that names no group
---- may switch: yes
---@param text string
---@param pattern string
---@param replacement string
---@param flags? string
---@return string text
---@return integer count
function regex.replace(text, pattern, replacement, flags) end

---Cuts a text at each match.
---
---- errors: raises for a pattern or flags that are none
---- may switch: yes
---@param text string
---@param pattern string
---@param flags? string
---@return string[] parts
function regex.split(text, pattern, flags) end

---A pattern that matches just this text.
---
---- may switch: yes
---@param text string
---@return string pattern
function regex.escape(text) end
