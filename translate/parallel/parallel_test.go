package parallel

import (
	"slices"
	"sync/atomic"
	"testing"
)

func TestMapKeepsOrder(t *testing.T) {
	got := Map(1000, func(i int) int { return i * i })
	want := make([]int, 1000)
	for i := range want {
		want[i] = i * i
	}
	if !slices.Equal(got, want) {
		t.Error("results are not in order")
	}
	if len(Map(0, func(int) int { return 1 })) != 0 {
		t.Error("no work has results")
	}
}

func TestMapCarriesPanics(t *testing.T) {
	defer func() {
		if p := recover(); p != "broken" {
			t.Errorf("recovered %v", p)
		}
	}()
	Map(10, func(i int) int {
		if i == 7 {
			panic("broken")
		}
		return i
	})
}

func TestAheadKeepsOrder(t *testing.T) {
	for _, n := range []int{0, 1, 256, 257, 1000} {
		next := 0
		for i, square := range Ahead(n, func(i int) int { return i * i }) {
			if i != next || square != i*i {
				t.Fatalf("of %d, %d came as %d after %d", n, square, i, next)
			}
			next++
		}
		if next != n {
			t.Errorf("%d of %d came", next, n)
		}
	}
}

func TestAheadStopsEarly(t *testing.T) {
	var called atomic.Int64
	for i := range Ahead(100_000, func(int) bool { called.Add(1); return true }) {
		if i == 300 {
			break
		}
	}
	if n := called.Load(); n > 5*window {
		t.Errorf("%d were made for 300", n)
	}
}

func TestAheadCarriesPanics(t *testing.T) {
	for _, n := range []int{10, 1000} {
		func() {
			defer func() {
				if p := recover(); p != "broken" {
					t.Errorf("recovered %v", p)
				}
			}()
			for range Ahead(n, func(i int) int {
				if i == n-3 {
					panic("broken")
				}
				return i
			}) {
			}
			t.Error("the panic is lost")
		}()
	}
}
