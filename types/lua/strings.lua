---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.stringslib
strings = {}

---The text without white space at its ends.
---
---- may switch: no
---@param text string
---@return string text
function strings.trim(text) end

---The text without white space at its beginning.
---
---- may switch: no
---@param text string
---@return string text
function strings.trim_left(text) end

---The text without white space at its end.
---
---- may switch: no
---@param text string
---@return string text
function strings.trim_right(text) end

---Cuts a text at each separator; with `most` into so many parts at most, the last of which is the rest.
---
---- errors: raises for an empty separator and `most` below 1
---- may switch: no
---@param text string
---@param separator string
---@param most? integer
---@return string[] parts
function strings.split(text, separator, most) end

---The texts of a list behind each other.
---
---- errors: raises for what is no text, with its place
---- may switch: no
---@param list (string|number|boolean)[]
---@param separator? string
---@return string text
function strings.join(list, separator) end

---Tells whether a text has a part.
---
---- may switch: no
---@param text string
---@param part string
---@return boolean found
function strings.contains(text, part) end

---Tells whether a text begins so.
---
---- may switch: no
---@param text string
---@param prefix string
---@return boolean answer
function strings.starts_with(text, prefix) end

---Tells whether a text ends so.
---
---- may switch: no
---@param text string
---@param suffix string
---@return boolean answer
function strings.ends_with(text, suffix) end

---Replaces each occurrence, or the first `most`, and tells how many those were.
---
---- errors: raises when `old` is empty or `most` below 0
---- may switch: no
---@param text string
---@param old string
---@param new string
---@param most? integer
---@return string text
---@return integer count
function strings.replace(text, old, new, most) end

---How often a part occurs, without overlap.
---
---- errors: raises when the part is empty
---- may switch: no
---@param text string
---@param part string
---@return integer n
function strings.count(text, part) end

---The lines of a text, without what ends them.
---
---- may switch: no
---@param text string
---@return string[] lines
function strings.lines(text) end

---How many characters a text has, or of what is not UTF-8 how many bytes.
---
---- may switch: no
---@param text string
---@return integer n
function strings.length(text) end

---The text behind as many spaces, or `fill`, as make it so many characters wide.
---
---- errors: raises for a width above 1,048,576 and a fill that is not one character
---- may switch: no
---@param text string
---@param width integer
---@param fill? string
---@return string text
function strings.pad_left(text, width, fill) end

---The text before as many spaces, or `fill`, as make it so many characters wide.
---
---- errors: raises for a width above 1,048,576 and a fill that is not one character
---- may switch: no
---@param text string
---@param width integer
---@param fill? string
---@return string text
function strings.pad_right(text, width, fill) end

---The text in the middle of so many characters.
---
---- errors: raises for a width above 1,048,576 and a fill that is not one character
---- may switch: no
---@param text string
---@param width integer
---@param fill? string
---@return string text
function strings.center(text, width, fill) end

---The text, or if it has more characters than `most` its beginning and a mark, `...` by default, which together have so many.
---
---- errors: raises when `most` is below 0
---- may switch: no
---@param text string
---@param most integer
---@param mark? string
---@return string text
function strings.truncate(text, most, mark) end

---The text with its first letter, of ASCII, in upper case.
---
---- may switch: no
---@param text string
---@return string text
function strings.capitalize(text) end

---The text with the first letter of each word in upper case.
---
---- may switch: no
---@param text string
---@return string text
function strings.title(text) end

---A name as `foo_bar`.
---
---- may switch: no
---@param text string
---@return string text
function strings.snake_case(text) end

---A name as `foo-bar`.
---
---- may switch: no
---@param text string
---@return string text
function strings.kebab_case(text) end

---A name as `fooBar`.
---
---- may switch: no
---@param text string
---@return string text
function strings.camel_case(text) end

---Tells whether a text is empty or all white space.
---
---- may switch: no
---@param text string
---@return boolean answer
function strings.is_blank(text) end

---A pattern of Lua that matches just this text.
---
---- may switch: no
---@param text string
---@return string pattern
function strings.escape_pattern(text) end

---The text with each line that is not empty moved to the right by two spaces, so many, or this.
---
---- may switch: no
---@param text string
---@param by? integer|string
---@return string text
function strings.indent(text, by) end

---The text without the white space that all its lines begin with.
---
---- may switch: no
---@param text string
---@return string text
function strings.dedent(text) end
