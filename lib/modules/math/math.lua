-- What scripts miss in Lua's `math`.
local library = ...
local floor = library "math.floor"
local ipairs = library "_G.ipairs"
local log = library "math.log"
local math_type = library "math.type"
local misuse = library "internal.misuse"
local random = library "math.random"
local sort = library "table.sort"
local sqrt = library "math.sqrt"
local tointeger = library "math.tointeger"
local type = library "_G.type"

local HUGE <const> = 1 / 0

local extended = {}

local function is_finite(x) return x == x and x ~= HUGE and x ~= -HUGE end

extended.is_finite = is_finite
function extended.is_nan(x) return x ~= x end

function extended.round(x, digits)
  if digits and digits ~= 0 then
    local scale = 10.0 ^ digits
    local scaled = x * scale
    -- So many digits are more than a float has.
    if not is_finite(scaled) then return x end
    return (scaled < 0 and -floor(-scaled + 0.5) or floor(scaled + 0.5)) / scale
  end
  if math_type(x) == "integer" then return x end
  local nearest = tointeger(x < 0 and -floor(-x + 0.5) or floor(x + 0.5))
  if not nearest then misuse("math.round", 1, "a number that rounds to an integer expected") end
  return nearest
end

function extended.clamp(x, least, most)
  if least > most then misuse("math.clamp", 3, "a number of at least the second expected") end
  if x < least then return least end
  if x > most then return most end
  return x
end

function extended.sign(x)
  if x > 0 then return 1 end
  if x < 0 then return -1 end
  return 0
end

function extended.pow(x, y) return x ^ y end
function extended.log10(x) return log(x, 10) end
function extended.lerp(from, to, share) return from * (1 - share) + to * share end

function extended.gcd(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a < 0 and -a or a
end

-- The numbers of a list, checked: a copy, and how many.
local function numbers(name, list, least)
  local copy, count = {}, #list
  for i = 1, count do
    local x = list[i]
    if type(x) ~= "number" then misuse(name, 1, "a list of numbers expected, got a " .. type(x) .. " at " .. i) end
    copy[i] = x
  end
  if count < least then misuse(name, 1, "a list of at least " .. least .. " expected, got one of " .. count) end
  return copy, count
end

local function total(list)
  local sum = 0
  for _, x in ipairs(list) do sum = sum + x end
  return sum
end

function extended.sum(list) return total((numbers("math.sum", list, 0))) end

function extended.mean(list)
  local copy, count = numbers("math.mean", list, 1)
  return total(copy) / count
end

function extended.median(list)
  local copy, count = numbers("math.median", list, 1)
  sort(copy)
  local middle = count // 2
  if count % 2 == 1 then return copy[middle + 1] end
  return (copy[middle] + copy[middle + 1]) / 2
end

function extended.mode(list)
  local copy = numbers("math.mode", list, 1)
  sort(copy)
  local best, most, run = copy[1], 0, 0
  for i, x in ipairs(copy) do
    run = x == copy[i - 1] and run + 1 or 1
    if run > most then best, most = x, run end
  end
  return best
end

local function variance(name, list, sample)
  local copy, count = numbers(name, list, sample and 2 or 1)
  local mean, sum = total(copy) / count, 0
  for _, x in ipairs(copy) do sum = sum + (x - mean) * (x - mean) end
  return sum / (sample and count - 1 or count)
end

function extended.variance(list, sample) return variance("math.variance", list, sample) end
function extended.std_dev(list, sample) return sqrt(variance("math.std_dev", list, sample)) end

function extended.percentile(list, share)
  local copy, count = numbers("math.percentile", list, 1)
  if not (share >= 0 and share <= 1) then misuse("math.percentile", 2, "a number from 0 to 1 expected") end
  sort(copy)
  local place = 1 + share * (count - 1)
  local below = floor(place)
  local above = copy[below + 1] or copy[below]
  return copy[below] + (above - copy[below]) * (place - below)
end

function extended.random_int(least, most)
  if least > most then misuse("math.random_int", 2, "an integer of at least the first expected") end
  return random(least, most)
end

function extended.random_float(least, most)
  if not (is_finite(least) and is_finite(most)) then misuse("math.random_float", 1, "finite numbers expected") end
  if least > most then misuse("math.random_float", 2, "a number of at least the first expected") end
  return least + (most - least) * random()
end

return extended
