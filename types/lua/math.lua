---@meta

-- Made from the registry of Lua functions by `npm run reference`.

math.e = 2.7182818284590

math.phi = 1.6180339887499

---The nearest integer, away from zero in the middle; with `digits` the nearest with so many digits behind the point.
---
---- errors: raises for a whole number that is too large, infinite or NaN
---- may switch: no
---@param x number
---@param digits? integer
---@return number
function math.round(x, digits) end

---The number, or the bound that it is beyond.
---
---- errors: raises when `least` is more than `most`
---- may switch: no
---@param x number
---@param least number
---@param most number
---@return number
function math.clamp(x, least, most) end

---Whether a number is negative, zero or positive: -1, 0 or 1.
---
---- may switch: no
---@param x number
---@return integer
function math.sign(x) end

---`x ^ y`, as older Lua has it.
---
---- may switch: no
---@param x number
---@param y number
---@return number
function math.pow(x, y) end

---The logarithm to base 10.
---
---- may switch: no
---@param x number
---@return number
function math.log10(x) end

---The number that is so far between two: 0 at the first, 1 at the second.
---
---- may switch: no
---@param from number
---@param to number
---@param share number
---@return number
function math.lerp(from, to, share) end

---The greatest common divisor.
---
---- may switch: no
---@param a integer
---@param b integer
---@return integer
function math.gcd(a, b) end

---Tells whether a number is NaN.
---
---- may switch: no
---@param x number
---@return boolean
function math.is_nan(x) end

---Tells whether a number is neither infinite nor NaN.
---
---- may switch: no
---@param x number
---@return boolean
function math.is_finite(x) end

---The sum of a list.
---
---- errors: raises for what is no number, with its place
---- may switch: no
---@param list number[]
---@return number
function math.sum(list) end

---The arithmetic mean.
---
---- errors: raises for an empty list and for what is no number
---- may switch: no
---@param list number[]
---@return number
function math.mean(list) end

---The value in the middle, or the mean of both there.
---
---- errors: raises for an empty list and for what is no number
---- may switch: no
---@param list number[]
---@return number
function math.median(list) end

---The value that occurs most often; of several the smallest.
---
---- errors: raises for an empty list and for what is no number
---- may switch: no
---@param list number[]
---@return number
function math.mode(list) end

---The mean square of the distances from the mean: of a whole population, or with `sample` estimated from a sample.
---
---- errors: raises for a list that is too short and for what is no number
---- may switch: no
---@param list number[]
---@param sample? boolean
---@return number
function math.variance(list, sample) end

---The square root of the variance.
---
---- errors: raises for a list that is too short and for what is no number
---- may switch: no
---@param list number[]
---@param sample? boolean
---@return number
function math.std_dev(list, sample) end

---The value that `share`, from 0 to 1, of the list does not exceed, between two neighbours in proportion.
---
---- errors: raises for an empty list, a share out of range and for what is no number
---- may switch: no
---@param list number[]
---@param share number
---@return number
function math.percentile(list, share) end

---A random integer between two, both included; from the generator of `math.random`.
---
---- errors: raises when `least` is more than `most`
---- may switch: no
---@param least integer
---@param most integer
---@return integer
function math.random_int(least, most) end

---A random number from `least` up to, but not, `most`; from the generator of `math.random`.
---
---- errors: raises when `least` is more than `most`, or one of them is not finite
---- may switch: no
---@param least number
---@param most number
---@return number
function math.random_float(least, most) end
