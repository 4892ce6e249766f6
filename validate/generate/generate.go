// Package generate makes random policy sets for the cast's cluster (fixtures/README.md): shaped like real ones, and
// hostile where it counts, with overlaps, Pass chains, equal orders, negative selectors, named ports and empty forms.
//
// The same seed gives the same set. The generators know the syntax of the CNIs and nothing of the translator.
package generate

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"sigs.k8s.io/yaml"
)

// object is a Kubernetes object, or a part of one.
type object = map[string]any

// set makes one set from one source of chance.
type set struct {
	*rand.Rand
	objects []object
	counts  map[string]int
	mode    Mode
	// turn counts the sets of a mode.
	turn int
	// ordered says that the order of rules counts, and that Cilium reads the policies that keep it.
	ordered bool
	// dual says that pods have an address of each family.
	dual bool
}

func newSet(seed uint64) *set {
	return &set{Rand: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)), counts: map[string]int{}, mode: modes[seed%uint64(len(modes))],
		turn: int(seed / uint64(len(modes)) % 1e6)}
}

// hostile reports whether the set is to be a hard one.
func (s *set) hostile() bool { return s.mode == Hostile }

// odd reports true in n of m cases of a hostile set, and five times as seldom in others.
func (s *set) odd(n, m int) bool {
	if !s.hostile() {
		m *= 5
	}
	return s.in(n, m)
}

// one returns one of the choices.
func one[T any](s *set, choices ...T) T { return choices[s.IntN(len(choices))] }

// in reports true in n of m cases.
func (s *set) in(n, m int) bool { return s.IntN(m) < n }

// name returns a name that no other object of the kind has.
func (s *set) name(kind string) string {
	s.counts[kind]++
	return fmt.Sprintf("%s-%d", strings.ToLower(kind), s.counts[kind])
}

func (s *set) add(o object) { s.objects = append(s.objects, o) }

// text is the set as multi-document YAML.
func (s *set) text() string {
	var b strings.Builder
	for i, o := range s.objects {
		if i > 0 {
			b.WriteString("---\n")
		}
		y, err := yaml.Marshal(o)
		if err != nil {
			panic(fmt.Sprintf("generate: %v", err)) // maps of strings, numbers and lists always marshal
		}
		b.Write(y)
	}
	return b.String()
}

// place is the namespace of a policy, or none, which is the default one.
func (s *set) place() string {
	if s.mode == Rare && s.in(1, 12) {
		return ""
	}
	return one(s, namespaces[:3]...)
}

func meta(namespace, name string) object {
	m := object{"name": name}
	if namespace != "" {
		m["namespace"] = namespace
	}
	return m
}

// The cast's vocabulary. A value or two that nobody has is among it, as in real sets.
var (
	namespaces = []string{"shop", "pay", "dev", "kube-system"}
	apps       = []string{"web", "cart", "db", "api", "nobody"}
	tiers      = []string{"front", "back"}
	envs       = []string{"prod", "dev"}
	portList   = []int{80, 443, 5432, 8080, 8081, 53}
	portNames  = []string{"http", "postgres", "dns-tcp"}
	outside    = []string{"203.0.113.0/24", "203.0.113.7/32", "198.51.100.0/24", "10.1.2.0/24", "0.0.0.0/0", "10.0.0.0/8"}
	inside     = []string{"10.244.0.0/16", "10.244.1.0/24", "192.168.10.0/24", "192.168.10.1/32"}
	outside6   = []string{"2001:db8::/32", "2001:db8::7/128", "::/0"}
	inside6    = []string{"fd00:10::/56", "fd00:10:0:1::/64", "fd00:192::/64"}
)

// list makes up to n items, perhaps none; list1 makes at least one.
func (s *set) list(n int, item func() any) []any {
	out := []any{}
	for range s.IntN(n + 1) {
		out = append(out, item())
	}
	return out
}

func (s *set) list1(n int, item func() any) []any {
	out := []any{item()}
	for range s.IntN(n) {
		out = append(out, item())
	}
	return out
}

// net is a CIDR, outside the cluster or inside it, of a family that the cluster has.
func (s *set) net() string {
	if s.dual && s.in(1, 3) {
		return one(s, append(outside6, inside6...)...)
	}
	return one(s, append(outside, inside...)...)
}
