package parallel

import (
	"slices"
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
