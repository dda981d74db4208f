-- Names of Lua 5.1 that task files use.

unpack = unpack or table.unpack
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
