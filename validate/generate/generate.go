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
}

func newSet(seed uint64) *set {
	return &set{Rand: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)), counts: map[string]int{}}
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
)

// KubernetesPolicy adds a NetworkPolicy.
func (s *set) kubernetesPolicy() {
	ns := one(s, namespaces[:3]...)
	spec := object{"podSelector": s.labelSelector()}
	types := []string{}
	if s.in(3, 4) {
		types = append(types, "Ingress")
		spec["ingress"] = s.list(2, func() any { return s.kubernetesRule("from") })
	}
	if len(types) == 0 || s.in(1, 3) {
		types = append(types, "Egress")
		spec["egress"] = s.list(2, func() any { return s.kubernetesRule("to") })
	}
	spec["policyTypes"] = types
	s.add(object{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta(ns, s.name("knp")), "spec": spec})
}

func (s *set) kubernetesRule(peers string) object {
	rule := object{}
	if s.in(4, 5) {
		rule[peers] = s.list1(2, func() any {
			switch s.IntN(4) {
			case 0:
				return object{"ipBlock": object{"cidr": one(s, append(outside, inside...)...)}}
			case 1:
				return object{"namespaceSelector": s.namespaceSelector()}
			case 2:
				return object{"namespaceSelector": s.namespaceSelector(), "podSelector": s.labelSelector()}
			}
			return object{"podSelector": s.labelSelector()}
		})
	}
	if s.in(1, 2) {
		rule["ports"] = s.list1(2, func() any {
			p := object{"protocol": one(s, "TCP", "TCP", "UDP")}
			switch {
			case s.in(1, 8):
				p["port"] = one(s, portNames...)
			case s.in(1, 6):
				p["port"], p["endPort"] = 80, 500
			case s.in(7, 8):
				p["port"] = one(s, portList...)
			}
			return p
		})
	}
	return rule
}

func (s *set) labelSelector() object {
	switch s.IntN(6) {
	case 0:
		return object{}
	case 1:
		return object{"matchLabels": object{"app": one(s, apps...), "tier": one(s, tiers...)}}
	case 2:
		return object{"matchExpressions": []any{object{"key": "app", "operator": one(s, "In", "NotIn"), "values": []string{one(s, apps...), "cart"}}}}
	case 3:
		return object{"matchExpressions": []any{object{"key": "tier", "operator": one(s, "Exists", "DoesNotExist")}}}
	}
	return object{"matchLabels": object{"app": one(s, apps...)}}
}

func (s *set) namespaceSelector() object {
	switch s.IntN(4) {
	case 0:
		return object{}
	case 1:
		return object{"matchLabels": object{"kubernetes.io/metadata.name": one(s, namespaces...)}}
	case 2:
		return object{"matchExpressions": []any{object{"key": "env", "operator": "NotIn", "values": []string{one(s, envs...)}}}}
	}
	return object{"matchLabels": object{"env": one(s, envs...)}}
}

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
