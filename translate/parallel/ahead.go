package parallel

import "iter"

// window is how many results are made ahead of those that are asked for.
const window = 256

// Ahead yields what f makes of 0 to n-1, in order. Results are made side by side, while the caller is busy with earlier
// ones; there are never more than two windows of them. A panic in f is carried to the caller.
func Ahead[T any](n int, f func(int) T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		if n <= window {
			for i, result := range Map(n, f) {
				if !yield(i, result) {
					return
				}
			}
			return
		}
		out, stop := make(chan made[T]), make(chan struct{})
		defer close(stop)
		go windows(n, f, out, stop)
		for i := 0; i < n; {
			w := <-out
			if w.failure != nil {
				panic(w.failure)
			}
			for _, result := range w.results {
				if !yield(i, result) {
					return
				}
				i++
			}
		}
	}
}

// made is a window of results, or the panic that kept it from being made.
type made[T any] struct {
	results []T
	failure any
}

func windows[T any](n int, f func(int) T, out chan<- made[T], stop <-chan struct{}) {
	for start := 0; start < n; start += window {
		w := one(min(window, n-start), func(i int) T { return f(start + i) })
		select {
		case out <- w:
		case <-stop:
			return
		}
	}
}

func one[T any](n int, f func(int) T) (w made[T]) {
	defer func() { w.failure = recover() }()
	w.results = Map(n, f)
	return w
}
