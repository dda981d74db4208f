import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {runScript, valuesOf} from './script.js';

const folder = mkdtempSync(join(tmpdir(), 'sloth-library-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

// Each runs on the main island and on an island of its own, where libraries appear when they are used. `check` fails with
// the line.
const programs: Readonly<Record<string, string>> = {
  'the base functions': `
    assert(type(1) == "number" and type(nil) == "nil" and type(print) == "function" and type({}) == "table")
    assert(tostring(1) == "1" and tostring(1.0) == "1.0" and tostring(-0.0) == "-0.0" and tostring(1e100) == "1e+100" and tostring(nil) == "nil")
    assert(tonumber("0x10") == 16 and tonumber("10", 2) == 2 and tonumber("z", 36) == 35 and tonumber("1e1") == 10.0 and tonumber("x") == nil and tonumber("") == nil and tonumber(" 5 ") == 5)
    assert(select("#") == 0 and select(2, "a", "b", "c") == "b" and select(-1, "a", "b") == "b" and not pcall(select, 0))
    local t = setmetatable({}, {__metatable = "locked"})
    assert(getmetatable(t) == "locked" and not pcall(setmetatable, t, {}))
    assert(rawequal(t, t) and rawlen({1, 2}) == 2 and rawlen("abc") == 3 and rawget({5}, 1) == 5 and rawset({}, 1, 2)[1] == 2)
    local keys = 0 for k, v in pairs({1, 2, x = 3}) do keys = keys + 1 end assert(keys == 3)
    local s = 0 for i, v in ipairs({1, 2, nil, 4}) do s = s + v end assert(s == 3)
    assert(next({}) == nil and next({7}) == 1 and not pcall(next, {}, "none"))
    assert(select("#", pcall(error)) == 2)
    assert(not pcall(assert, false) and select(2, pcall(assert, nil, "m")) == "m" and select("#", assert(1, 2, 3)) == 3)
    assert(select(2, pcall(error, "m", 0)) == "m")
    assert(_VERSION == "Lua 5.4" and _G._G == _G)
    assert(load("return 1 + 1")() == 2 and load("syntax error") == nil and load("x = 1", "n", "t", {}) and load("return ...", "c")(5) == 5)
    local env = {} load("y = 3", "c", "t", env)() assert(env.y == 3 and y == nil)
    assert(collectgarbage("count") > 0 and collectgarbage("isrunning") and collectgarbage("step") ~= nil and collectgarbage("incremental") and collectgarbage("generational") == "incremental" and collectgarbage("incremental") == "generational")
    assert(collectgarbage("stop") == 0 and not collectgarbage("isrunning") and collectgarbage("restart") == 0 and collectgarbage() == 0)`,
  'numbers and operators': `
    assert(7 // 2 == 3 and -7 // 2 == -4 and 7 % -3 == -2 and -7 % 3 == 2 and 7.5 // 2 == 3.0 and 2^10 == 1024.0 and 10 / 2 == 5.0)
    assert(1 // 0.0 == math.huge and not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end))
    assert(5 & 3 == 1 and 5 | 3 == 7 and 5 ~ 3 == 6 and ~0 == -1 and 1 << 62 == 4611686018427387904 and 1 << 64 == 0 and -1 >> 63 == 1)
    assert("10" + 5 == 15 and "0x10" * 1 == 16 and "3" .. 4 == "34" and 10 .. "" == "10" and not pcall(function() return "a" + 1 end))
    assert(math.maxinteger + 1 == math.mininteger and 2^53 == 2^53 + 0.0 and 1 == 1.0 and "1" ~= 1 and math.mininteger // -1 == math.mininteger)
    assert(1 < 1.5 and math.maxinteger < math.huge and math.maxinteger + 0.0 == 2^63 and not (0/0 == 0/0) and "a" < "b" and "Z" < "a")
    assert((2^53 | 0) == 9007199254740992 and not pcall(function() return 1.5 | 0 end) and "7" // 2 == 3)
    for i = 3, 1, -1 do assert(i) end for i = 1.0, 2 do assert(math.type(i) == "float") end assert(not pcall(function() for i = 1, 10, 0 do end end))
    local n = 0 for i = math.maxinteger - 1, math.maxinteger do n = n + 1 end assert(n == 2)
    local a <const> = 5 do local b <close> = nil end goto skip do assert(false) end ::skip::
    assert(#"\\u{7fffffff}" == 6 and "\\x41\\65\\z
           B" == "AAB" and [==[
x]==] == "x" and 0x.8p1 == 1.0 and 1e2 == 100.0 and 0xffffffffffffffff == -1)`,
  'the string library': `
    assert(("abc"):upper() == "ABC" and ("ABC"):lower() == "abc" and ("abc"):len() == 3 and ("abc"):reverse() == "cba" and ("ab"):rep(3) == "ababab" and ("ab"):rep(3, "-") == "ab-ab-ab" and ("x"):rep(0) == "" and ("x"):rep(-1) == "" and ("x"):rep(1, ",") == "x" and (""):rep(5) == "" and (""):rep(3, ",") == ",,")
    for n = 1, 70 do assert(("abc"):rep(n, ";") == table.concat((function() local t = {} for i = 1, n do t[i] = "abc" end return t end)(), ";")) end
    assert(("hello"):sub(2, -2) == "ell" and ("hello"):sub(-3) == "llo" and ("hello"):sub(10) == "" and ("hello"):sub(0) == "hello" and ("hello"):sub(math.mininteger, math.maxinteger) == "hello")
    assert(("abc"):byte() == 97 and select("#", ("abc"):byte(1, -1)) == 3 and string.char(97, 98) == "ab" and string.char() == "" and not pcall(string.char, 256))
    assert(("hello world"):find("wor") == 7 and ("a.b"):find(".", 1, true) == 2 and ("abc"):find("b", -1) == nil and ("abc"):find("") == 1 and ("abc"):find("", 10) == nil)
    assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key" and ("  trim  "):match("^%s*(.-)%s*$") == "trim" and ("2026-11-20"):match("(%d+)-(%d+)-(%d+)") == "2026" and ("abc"):match("()b()") == 2 and ("[[x]]"):match("%[%[(.-)%]%]") == "x")
    assert(("THE (quick) fox"):find("%((%a+)%)") == 5 and ("f(a(b)c)d"):match("%b()") == "(a(b)c)" and ("THE"):find("%f[%a]%a+%f[%A]") == 1 and ("aXb"):gsub("%u", "-") == "a-b" and ("\\0x"):find("%z") == 1)
    assert(("hello"):gsub("l", {l = "L"}) == "heLLo" and ("hello"):gsub("l", function(c) return c:upper() end, 1) == "heLlo" and select(2, ("aaa"):gsub("a", "b")) == 3 and ("abc"):gsub("%w", "%0%0") == "aabbcc" and ("abc"):gsub("", "-") == "-a-b-c-" and ("x"):gsub("x", "%%") == "%" and not pcall(string.gsub, "x", "x", "%2"))
    local words = {} for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do words[#words + 1] = k .. v end assert(table.concat(words, ";") == "a1;b2")
    assert(("%d %5.2f %s %q %x %c %i %g %%"):format(3, 3.14159, "s", 'a"b', 255, 65, 7, 0.1) == '3  3.14 s "a\\\\"b" ff A 7 0.1 %')
    assert(("%-5s|%5s|%05d|%+d|%e|%a"):format("a", "b", 42, 1, 1.5, 1) == "a    |    b|00042|+1|1.500000e+00|0x1p+0" and ("%q"):format(1/3) == "0x1.5555555555555p-2" and ("%s"):format(nil) == "nil" and not pcall(string.format, "%d", 1.5) and ("%.3s"):format("abcdef") == "abc" and not pcall(string.format, "%d"))
    assert(string.pack("<i4", 7) == "\\7\\0\\0\\0" and string.unpack("<i4", "\\7\\0\\0\\0") == 7 and string.packsize("i4i8") == 12 and string.packsize("!i4i8") == 16 and string.unpack("z", "ab\\0c") == "ab" and string.unpack("s1", "\\2xy") == "xy" and string.pack(">d", 1.5):byte() == 0x3f)
    assert(not pcall(string.rep, "xx", math.maxinteger) and not pcall(string.dump, print) and #("x"):rep(3000000) == 3000000)
    assert(("x"):rep(5000, "ab"):sub(-3) == "abx" and select(2, ("x"):rep(5000, "ab"):gsub("x", "")) == 5000)
    assert(not pcall(string.find, "a", "[") and not pcall(string.find, "a", "%") and select(2, pcall(string.rep)):find("bad argument #1 to"))`,
  'the table library': `
    local t = {3, 1, 2} table.sort(t) assert(table.concat(t, ",") == "1,2,3")
    table.sort(t, function(a, b) return a > b end) assert(table.concat(t) == "321" and table.concat({}, ",") == "" and table.concat({1, 2, 3}, "-", 2, 3) == "2-3" and not pcall(table.concat, {{}}))
    table.insert(t, 0) table.insert(t, 1, 9) assert(table.concat(t) == "93210" and table.remove(t) == 0 and table.remove(t, 1) == 9 and #t == 3 and table.remove({}) == nil and not pcall(table.insert, t, 10, 1) and not pcall(table.insert, t))
    assert(table.unpack({1, 2, 3}, 2) == 2 and select("#", table.unpack({}, 1, 3)) == 3 and table.pack(1, nil, 3).n == 3)
    local m = table.move({1, 2, 3}, 1, 3, 2) assert(table.concat(m) == "1123") assert(table.concat(table.move({1, 2, 3}, 2, 3, 1)) == "233" and table.concat(table.move({1, 2}, 1, 2, 1, {})) == "12")
    local big = {} for i = 1, 10000 do big[i] = (i * 7919) % 10007 end table.sort(big) for i = 2, #big do assert(big[i - 1] <= big[i]) end
    local words = {"b", "a", "C"} table.sort(words, function(a, b) return a:lower() < b:lower() end) assert(table.concat(words) == "abC")
    assert(not pcall(table.sort, {1, "x"}) and not pcall(table.sort, {3, 2, 1, 4, 5}, function() return true end) or true)
    local proxy = setmetatable({}, {__index = function(_, i) if i <= 3 then return i * 10 end end, __len = function() return 3 end}) assert(table.concat(proxy, " ") == "10 20 30" and table.unpack(proxy) == 10)
    local weak = setmetatable({}, {__mode = "k"}) weak[{}] = 1 collectgarbage() collectgarbage() assert(next(weak) == nil)`,
  'the math library': `
    assert(math.floor(3.7) == 3 and math.ceil(3.2) == 4 and math.floor(-3.5) == -4 and math.abs(-5) == 5 and math.max(1, 5, 3) == 5 and math.min(2, -1) == -1 and math.fmod(-7, 3) == -1 and math.sqrt(16) == 4.0 and math.tointeger(3.0) == 3 and math.tointeger(3.5) == nil and math.tointeger("8") == 8)
    assert(math.type(1) == "integer" and math.type(1.0) == "float" and math.type("1") == nil and math.ult(1, -1) and math.pi > 3.14 and math.huge > 1 and math.exp(0) == 1.0 and math.log(8, 2) == 3.0 and math.log(100, 10) == 2.0 and select(2, math.modf(3.7)) > 0.69 and math.modf(-3.7) == -3)
    assert(math.abs(math.sin(math.pi)) < 1e-15 and math.cos(0) == 1.0 and math.atan(1, 1) == math.pi / 4 and math.tan(0) == 0.0 and math.asin(1) == math.pi / 2 and math.acos(1) == 0.0 and math.deg(math.pi) == 180.0 and math.rad(180) == math.pi and math.abs(math.mininteger) == math.mininteger)
    for i = 1, 100 do local r = math.random(10) assert(r >= 1 and r <= 10) local f = math.random() assert(f >= 0 and f < 1) assert(math.random(5, 6) >= 5) end
    assert(math.type(math.random(0)) == "integer" and not pcall(math.random, 2, 1) and not pcall(math.random, 0, 1, 2))
    math.randomseed(42) local a = math.random(1000000) math.randomseed(42) assert(a == math.random(1000000))
    assert(not pcall(math.floor, {}) and not pcall(math.max))`,
  'the utf8 library': `
    assert(utf8.char(72, 228, 8364, 128512) == "Hä€😀" and utf8.len("Hä€😀") == 4 and utf8.len("\\xff") == nil and select(2, utf8.len("a\\xff")) == 2 and utf8.codepoint("€") == 8364 and utf8.offset("Hä€", 3) == 4 and utf8.offset("aä", -1) == 2)
    local t = {} for p, c in utf8.codes("aä€") do t[#t + 1] = p .. ":" .. c end assert(table.concat(t, " ") == "1:97 2:228 4:8364")
    assert(not pcall(utf8.codepoint, "\\xff") and ("aä€"):match(utf8.charpattern, 2) == "ä" and utf8.len("\\u{7fffffff}", 1, -1, true) == 1)
    local n = 0 for w in ("aä€"):gmatch(utf8.charpattern) do n = n + 1 end assert(n == 3)`,
  'the os library': `
    assert(type(os.time()) == "number" and os.time{year = 2020, month = 1, day = 1, hour = 12} - os.time{year = 2020, month = 1, day = 1, hour = 11} == 3600 and os.date("!%Y-%m-%d %H:%M:%S", 0) == "1970-01-01 00:00:00" and os.date("!*t", 86400).day == 2 and not pcall(os.date, "%Ez") and not pcall(os.time, {}))
    assert(os.clock() >= 0 and os.difftime(5, 3) == 2.0 and os.getenv("PATH") ~= nil and os.getenv("SLOTH_NO_SUCH_VARIABLE") == nil and os.setlocale() == "C" and os.setlocale("xx_YY") == nil)
    local name = os.tmpname() assert(io.open(name, "w"):close()) assert(os.rename(name, name .. "x") and os.remove(name .. "x") and select(2, os.remove(name .. "x")):find("No such file"))
    local ok, how, code = os.execute("exit 3") assert(ok == nil and how == "exit" and code == 3 and os.execute("true") == true and os.execute() == true)
    local ok, how, code = os.execute("kill -9 $$") assert(ok == nil and how == "signal" and code == 9)`,
  'the io library': `
    local path = FOLDER .. "/" .. tostring({}):match("0x%x+")
    local f = assert(io.open(path, "w")) assert(io.type(f) == "file" and f:write("line 1\\n", 2, "\\n", 3.5, "\\nrest") == f and f:seek("cur") == 17 and f:setvbuf("full", 1024) and f:flush() and f:close() == true and io.type(f) == "closed file" and io.type(5) == nil and not pcall(f.write, f, "x"))
    f = io.open(path) assert(f:read() == "line 1" and f:read("n") == 2 and f:read("L") == "\\n" and f:read("n", "l") == 3.5 and f:read("a") == "rest" and f:read("a") == "" and f:read("l") == nil and f:seek("set", 5) == 5 and f:read(1) == "1" and f:seek("end") == 17 and f:read(0) == nil) f:close()
    local lines = {} for l in io.lines(path) do lines[#lines + 1] = l end assert(#lines == 4 and lines[4] == "rest") for a, b in io.lines(path, 1, "l") do assert(a == "l" and b == "ine 1") break end
    for l in io.open(path):lines("L") do assert(l == "line 1\\n") break end
    do local c <close> = io.open(path) f = c end assert(io.type(f) == "closed file")
    assert(io.open(FOLDER .. "/none") == nil and select(2, io.open(FOLDER .. "/none")):find("No such file") and select(3, io.open(FOLDER .. "/none")) == 2 and not pcall(io.open, path, "z") and not pcall(io.lines, FOLDER .. "/none"))
    local tmp = io.tmpfile() tmp:write("x") tmp:seek("set") assert(tmp:read("a") == "x") tmp:close()
    local p = io.popen("echo out; exit 4") assert(p:read("a") == "out\\n") local ok, how, code = p:close() assert(ok == nil and how == "exit" and code == 4)
    assert(io.stdout and io.stderr and io.stdin and tostring(io.stdout):find("^file %(") and io.output() == io.stdout)
    local g = io.open(path, "a+") g:write("!") g:seek("set") assert(g:read("a"):sub(-5) == "rest!") g:close() os.remove(path)`,
  'the debug library': `
    local function f(a, b) local c = 3 return debug.getlocal(1, 1), debug.getlocal(1, 3) end
    assert(f(1, 2) == "a" and debug.getinfo(1, "l").currentline > 0 and debug.getinfo(f, "u").nparams == 2 and debug.getinfo(print).what == "C" and debug.getinfo(1, "S").short_src and debug.getinfo(100) == nil)
    local up = 1 local function g() return up end assert(debug.getupvalue(g, 1) == "up" and debug.setupvalue(g, 1, 5) == "up" and g() == 5 and debug.upvalueid(g, 1))
    assert(debug.traceback("m"):find("^m\\nstack traceback:\\n") and debug.traceback({}) ~= nil and select(2, pcall(debug.getregistry)):find("not available") and debug.getmetatable("").__index == string and debug.gethook() == nil)
    local u = io.tmpfile() assert(debug.getuservalue(u, 1) == nil) u:close()`,
  'require and package': `
    assert(require("string") == string and require("math") == math and package.loaded.table == table and package.loaded._G == _G and type(package.path) == "string" and type(package.searchers) == "table" and package.config:sub(1, 1) == "/" and #package.searchers == 4)
    package.preload.made = function(name, where) return {name = name, where = where} end local m, where = require("made") assert(m.name == "made" and where == ":preload:" and require("made") == m)
    assert(package.searchpath("none", "./?.lua") == nil and select(2, package.searchpath("a.b", "./?.x;./?.y")) == "no file './a/b.x'\\n\\tno file './a/b.y'" and not pcall(require, "no.such.module"))
    assert(require("goroutine") == goroutine and require("channel") == channel and require("go") == go)`,
  'all globals are there at once': `
    local missing = {}
    for _, name in ipairs{"assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "warn", "xpcall", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8", "goroutine", "channel", "go", "defer"} do
      if rawget(_G, name) == nil then missing[#missing + 1] = name end
    end
    assert(#missing == 0, table.concat(missing, " "))`,
  'all globals are there for pairs': `
    local seen = {} for k in pairs(_G) do seen[k] = true end
    for _, name in ipairs{"coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8", "goroutine", "channel", "go", "print"} do assert(seen[name], name) end`,
  'functions of libraries are listed': `
    local count = 0 for _, name in ipairs{"string", "table", "math", "io", "os", "utf8", "coroutine", "debug"} do for k, v in pairs(_G[name]) do count = count + 1 end end assert(count > 100, count)`,
  'code that is loaded names libraries': `
    assert(load("return math.floor(2.5) + #table.pack(1, 2) + utf8.len('ä')")() == 5)
    assert(load("local n = ... return _G[n].max(1, 2)")("math") == 2)
    assert(load("return _ENV['string']['up' .. 'per']('a')")() == "A")
    assert(load("local ok, v = pcall(require, 'os') return ok and v.time ~= nil")() == true)`,
  'names of libraries may be computed': `
    local name = ("MATH"):lower() assert(_G[name].abs(-1) == 1 and _ENV["table"].concat({1}) == "1" and rawget(_G, "o" .. "s").time())`,
  'globals that are not there are nil': `
    assert(undefined == nil and _G.undefined == nil and unpack == nil and table.getn == nil and setfenv == nil and math.pow == nil and not pcall(function() return undefined.x end))`,
  'libraries may be changed': `
    function string.trim(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end assert(("  x "):trim() == "x")
    local real = math.sin math.sin = function() return "stub" end assert(math.sin(1) == "stub") math.sin = real
    table.unpack, unpack = table.unpack, table.unpack assert(unpack({1}) == 1)
    local old = string.upper string.upper = nil assert(not pcall(function() return ("x"):upper() end)) string.upper = old
    math = nil assert(math == nil and pcall(require, "math"))`,
};

// The others change what they share, or compute names.
const mustBeParallel: ReadonlySet<string> = new Set([
  'numbers and operators',
  'the string library',
  'the table library',
  'the math library',
  'the utf8 library',
  'the os library',
  'globals that are not there are nil',
]);

const inside = (program: string) => program.replaceAll('FOLDER', JSON.stringify(folder));

describe.concurrent.each(Object.entries(programs))('%s', (name, program) => {
  it('on the main island', async () => {
    expect(await valuesOf(`${inside(program)} return "ok"`)).toEqual(['ok']);
  });

  it('on an island of its own, or with a reason why not', async () => {
    const script = `
      local ok, h = pcall(goroutine.parallel, function() ${inside(program)} return "ok" end)
      if not ok then return h end
      local _, message = h:await() return message`;
    const expected = mustBeParallel.has(name) ? /^ok$/ : /^ok$|^this function cannot run in parallel: /;
    expect((await valuesOf(script))[0]).toMatch(expected);
  });

  it('inside a shared goroutine that is preempted', async () => {
    expect(
      await valuesOf(
        `local h = goroutine.shared(function() ${inside(program)} return "ok" end) local ok, message = h:await() return message`,
        {runtime: {workers: 1}},
      ),
    ).toEqual(['ok']);
  });
});

describe.concurrent('what differs from the lua command', () => {
  it('functions that name libraries directly find them on their own islands', async () => {
    const source = `
      local h = goroutine.parallel(function()
        local t = {} for k in pairs({c = 1, a = 2, b = 3}) do t[#t + 1] = k end table.sort(t)
        return table.concat(t), math.max(1, 2), ("x"):rep(2), utf8.char(65), os.time() > 0, io.type(io.stdout), coroutine.wrap(function() return 7 end)(), require("string").format("%d", 3), type(debug.traceback())
      end)
      return h:await()`;
    expect(await valuesOf(source)).toEqual([true, 'abc', 2, 'xx', 'A', true, 'file', 7, '3', 'string']);
  });

  it('methods of strings see a function added to string on other islands', async () => {
    const source = `
      function string.shout(s) return s:upper() .. "!" end
      return goroutine.parallel(function() return ("hey"):shout() end):await()`;
    expect(await valuesOf(source)).toEqual([true, 'HEY!']);
  });

  it('bytecode is neither made nor loaded', async () => {
    expect(await valuesOf('return pcall(string.dump, function() end)')).toEqual([
      false,
      'string.dump is not available: bytecode is never loaded here',
    ]);
    expect((await valuesOf('return load("\\27Lua")'))[1]).toMatch(/bytecode is not loaded/);
    expect((await valuesOf('return load("x = 1", "c", "b")'))[1]).toBe("attempt to load a text chunk (mode is 'b')");
  });

  it('io.write and print go to the sinks of the runtime, from children that inherit too', async () => {
    const {stdout} = await runScript('io.write("a") io.stdout:write("b") print("c") io.output():write("d")');
    expect(stdout).toBe('abc\nd');
  });

  it('closing io.stdout does not end the output of the host', async () => {
    const {kind, stdout} = await runScript('print("a") pcall(io.stdout.close, io.stdout) print("b")');
    expect({kind, stdout}).toEqual({kind: 'succeeded', stdout: 'a\nb\n'});
  });

  it('random numbers are the same for one seed, on all islands', async () => {
    const source =
      'local t = {math.random(1000)} for i = 1, 3 do t[#t + 1] = select(2, goroutine.parallel(function() return math.random(1000) end):await()) end return table.concat(t, " ")';
    const [first] = await valuesOf(source, {runtime: {seed: 5}});
    expect(await valuesOf(source, {runtime: {seed: 5}})).toEqual([first]);
    expect(await valuesOf(source, {runtime: {seed: 6}})).not.toEqual([first]);
    expect(new Set(String(first).split(' ')).size).toBe(4);
  });
});
