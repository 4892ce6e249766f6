package selector

import (
	"fmt"
	"testing"
)

// BenchmarkNot negates unions of growing size whose clauses share their keys, each with values of its own.
func BenchmarkNot(b *testing.B) {
	for _, clauses := range []int{16, 64, 128} {
		b.Run(fmt.Sprint(clauses), func(b *testing.B) {
			s := pairs(clauses)
			b.ReportAllocs()
			for b.Loop() {
				if s.Not().TooComplex() {
					b.Fatal("too complex")
				}
			}
		})
	}
}

// BenchmarkTooComplex negates unions whose clauses share no key, of which nothing is left but that they outgrow the limit.
func BenchmarkTooComplex(b *testing.B) {
	s := None()
	for i := range 128 {
		s = s.Or(Where(Key{PodLabel, fmt.Sprint("a", i)}, Exists()).And(Where(Key{PodLabel, fmt.Sprint("b", i)}, In("x"))))
	}
	for b.Loop() {
		if !s.Not().TooComplex() {
			b.Fatal("not too complex")
		}
	}
}

// pairs is the union of n clauses that ask for a value of one label in one namespace.
func pairs(n int) Selector {
	out := None()
	for i := range n {
		out = out.Or(Where(app, In(fmt.Sprint("app", i))).And(Where(name, In(fmt.Sprint("namespace", i)))))
	}
	return out
}
