-- Names of Lua 5.1 that task files use, and strings that answer a call with themselves, because some scripts write
-- `this.name` and some `this.name()`.

unpack = unpack or table.unpack
loadstring = loadstring or load
table.getn = table.getn or function(list) return #list end
table.maxn = table.maxn or function(list)
  local most = 0
  for key in pairs(list) do
    if type(key) == "number" and key > most then most = key end
  end
  return most
end
math.pow = math.pow or function(base, exponent) return base ^ exponent end
math.mod = math.mod or math.fmod
math.log10 = math.log10 or function(number) return math.log(number, 10) end
string.gfind = string.gfind or string.gmatch

getmetatable("").__call = function(text, owner, ...)
  local asked = owner == nil or (type(owner) == "table" and rawget(owner, "name") == text)
  if asked and select("#", ...) == 0 then return text end
  error("attempt to call a string value", 2)
end
