// Package parallel spreads independent work over the cores and keeps its order.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Map calls f for 0 to n-1, on as many goroutines as there are cores, and returns the results in order. A panic
// in f is carried to the caller.
func Map[T any](n int, f func(int) T) []T {
	out := make([]T, n)
	var next atomic.Int64
	var wait sync.WaitGroup
	var failed atomic.Value
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer func() {
				if p := recover(); p != nil {
					failed.CompareAndSwap(nil, p)
				}
			}()
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				out[i] = f(int(i))
			}
		}()
	}
	wait.Wait()
	if p := failed.Load(); p != nil {
		panic(p)
	}
	return out
}
