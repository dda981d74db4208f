// What goroutines cost where each has a state of gopher-lua: peers <work> <count>. Prints microseconds for each.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

const body = `
local function work(n)
  local a, b = n, 1
  for i = 1, 3 do a, b = b + i, a end
  return a * b
end
return work(...)`

const fib = `
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
return fib(...)`

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(state *lua.LState, source string, argument int) {
	function, err := state.LoadString(source)
	must(err)
	must(state.CallByParam(lua.P{Fn: function, NRet: 1, Protect: true}, lua.LNumber(argument)))
	state.Pop(1)
}

// A goroutine with a state of its own, as task runners on this engine make them; at most 1,000 alive.
func spawn(count int) {
	for count > 0 {
		some := count
		if some > 1000 {
			some = 1000
		}
		var group sync.WaitGroup
		group.Add(some)
		for i := 0; i < some; i++ {
			i := i
			go func() {
				state := lua.NewState()
				call(state, body, i)
				state.Close()
				group.Done()
			}()
		}
		group.Wait()
		count -= some
	}
}

func state(count int) {
	for i := 0; i < count; i++ {
		lua.NewState().Close()
	}
}

func pingPong(count int) {
	ping, pong := make(chan lua.LValue), make(chan lua.LValue)
	play := func(source string) func() {
		state := lua.NewState()
		state.SetGlobal("ping", lua.LChannel(ping))
		state.SetGlobal("pong", lua.LChannel(pong))
		state.SetGlobal("count", lua.LNumber(count))
		return func() { must(state.DoString(source)) }
	}
	echo := play(`for i = 1, count do local ok, value = ping:receive() pong:send(value) end`)
	send := play(`for i = 1, count do ping:send(i) pong:receive() end`)
	go echo()
	send()
}

func fibonacci(count int) {
	state := lua.NewState()
	for i := 0; i < count; i++ {
		call(state, fib, 30)
	}
	state.Close()
}

func main() {
	runtime.GOMAXPROCS(2)
	works := map[string]func(int){"spawn": spawn, "state": state, "ping-pong": pingPong, "fib": fibonacci}
	run := works[os.Args[1]]
	count, err := strconv.Atoi(os.Args[2])
	if run == nil || err != nil {
		os.Exit(2)
	}
	started := time.Now()
	run(count)
	fmt.Println(float64(time.Since(started).Nanoseconds()) / 1000 / float64(count))
}
