// What Go takes for the work of the programs in bench/lua. Prints microseconds for each: peers <work> <count>.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

var sink int

func work(n int) int {
	a, b := n, 1
	for i := 1; i <= 3; i++ {
		a, b = b+i, a
	}
	return a * b
}

func spawn(count int) {
	var group sync.WaitGroup
	for count > 0 {
		some := min1000(count)
		group.Add(some)
		for i := 0; i < some; i++ {
			i := i
			go func() {
				if work(i) == -1 {
					sink++
				}
				group.Done()
			}()
		}
		group.Wait()
		count -= some
	}
}

func min1000(n int) int {
	if n < 1000 {
		return n
	}
	return 1000
}

func pingPong(count int) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for value := range ping {
			pong <- value
		}
	}()
	for i := 0; i < count; i++ {
		ping <- i
		<-pong
	}
	close(ping)
}

func buffered(count int) {
	queue := make(chan int, 128)
	go func() {
		for i := 0; i < count; i++ {
			queue <- i
		}
		close(queue)
	}()
	for range queue {
	}
}

func selectOfEight(count int) {
	var channels [8]chan int
	for i := range channels {
		channels[i] = make(chan int)
	}
	go func() {
		for i := 0; i < count; i++ {
			channels[i%8] <- i
		}
	}()
	for i := 0; i < count; i++ {
		select {
		case <-channels[0]:
		case <-channels[1]:
		case <-channels[2]:
		case <-channels[3]:
		case <-channels[4]:
		case <-channels[5]:
		case <-channels[6]:
		case <-channels[7]:
		}
	}
}

func yield(count int) {
	runtime.GOMAXPROCS(1)
	var group sync.WaitGroup
	group.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			for j := 0; j < count/2; j++ {
				runtime.Gosched()
			}
			group.Done()
		}()
	}
	group.Wait()
}

// Thirty waits of 100 ms each, all in goroutines.
func waits(count int) {
	for ; count > 0; count-- {
		var group sync.WaitGroup
		group.Add(30)
		for i := 0; i < 30; i++ {
			go func() {
				time.Sleep(100 * time.Millisecond)
				group.Done()
			}()
		}
		group.Wait()
	}
}

func main() {
	runtime.GOMAXPROCS(2)
	works := map[string]func(int){
		"spawn": spawn, "ping-pong": pingPong, "buffered": buffered, "select": selectOfEight, "yield": yield,
		"waits": waits,
	}
	run := works[os.Args[1]]
	count, err := strconv.Atoi(os.Args[2])
	if run == nil || err != nil {
		os.Exit(2)
	}
	if os.Args[1] != "waits" {
		run(count/10 + 1)
	}
	started := time.Now()
	run(count)
	fmt.Println(float64(time.Since(started).Nanoseconds()) / 1000 / float64(count))
}
