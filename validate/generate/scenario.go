package generate

import (
	"fmt"
	"strings"
)

// Mode says what kind of set a seed makes.
type Mode string

// The modes. Real sets are mostly simple, and what goes wrong goes wrong in the others.
const (
	// Shaped follows the frequencies of real policies: allows, orders, a deny at the end, few negations.
	Shaped Mode = "shaped"
	// Hostile has overlaps, Pass chains, equal orders, negations, both families, named ports and empty forms.
	Hostile Mode = "hostile"
	// Rare adds to a shaped set fields that hardly anyone writes, each in its turn.
	Rare Mode = "rare"
)

// modes are the modes of successive seeds.
var modes = []Mode{Shaped, Hostile, Rare, Hostile}

// Scenario is a random situation: policies, and what is known of the cluster.
type Scenario struct {
	Seed uint64
	Mode Mode
	// Policies are the documents of the source.
	Policies string
	// Cluster are documents of the cluster that replace those of the cast, or stand beside them.
	Cluster string
	// Told says that the translator knows the cast; otherwise it knows what Cluster says.
	Told bool
	// SourceVersion and TargetVersion are releases, or empty for what the translator assumes.
	SourceVersion, TargetVersion string
}

// CalicoScenario makes a situation whose source is Calico.
func CalicoScenario(seed uint64) Scenario { return scenario(seed, (*set).calico, calicoReleases) }

// CiliumScenario makes a situation whose source is Cilium.
func CiliumScenario(seed uint64) Scenario { return scenario(seed, (*set).cilium, ciliumReleases) }

// Calico makes a random set that Calico enforces: its own policies and sets, and Kubernetes policies.
func Calico(seed uint64) string { return CalicoScenario(seed).Policies }

// Cilium makes a random set that Cilium enforces: its own policies and groups, and Kubernetes policies.
func Cilium(seed uint64) string { return CiliumScenario(seed).Policies }

// releases are older ones of a source and of its target.
type releases struct {
	fromCalico     bool
	source, target []string
}

var (
	calicoReleases = releases{true, []string{"3.28", "3.30", "3.32"}, []string{"1.15", "1.17", "1.18", "1.19"}}
	ciliumReleases = releases{false, []string{"1.15", "1.17", "1.18", "1.19"}, []string{"3.28", "3.30", "3.32"}}
)

func scenario(seed uint64, policies func(*set), old releases) Scenario {
	s := newSet(seed)
	sc := Scenario{Seed: seed, Mode: s.mode, Told: true}
	cluster := &set{Rand: s.Rand, counts: map[string]int{}, mode: s.mode}
	if s.dual = s.hostile() && s.in(1, 6); s.dual {
		cluster.dualStack()
	}
	s.ordered = s.hostile() && old.fromCalico && s.in(1, 6)
	policies(s)
	if s.in(1, 8) {
		sc.Told = false
	} else if s.dual || s.ordered || s.mode != Shaped && s.in(1, 3) {
		cluster.facts(s, old.fromCalico)
	}
	if s.mode == Rare && s.in(1, 6) {
		sc.SourceVersion = one(s, old.source...)
	}
	if s.mode == Rare && s.in(1, 8) {
		sc.TargetVersion = one(s, old.target...)
	}
	sc.Policies, sc.Cluster = s.text(), cluster.text()
	return sc
}

// Newest is the same situation between the releases that are newest.
func (sc Scenario) Newest() Scenario {
	sc.SourceVersion, sc.TargetVersion = "", ""
	return sc
}

// Story writes the situation in the form of a story (fixtures/README.md), so that it can be pasted there: the prose
// and the flows are the caller's.
func (sc Scenario) Story(to, prose, flows string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nto: %s\n", prose, to)
	if sc.Told {
		b.WriteString("facts: cast\n")
	}
	for _, setting := range []struct{ key, value string }{{"source-version", sc.SourceVersion}, {"target-version", sc.TargetVersion}} {
		if setting.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", setting.key, setting.value)
		}
	}
	for _, section := range []struct{ name, text string }{{"source/policies.yaml", sc.Policies}, {"cluster/cluster.yaml", sc.Cluster}, {"flows", flows}} {
		if section.text != "" {
			fmt.Fprintf(&b, "-- %s --\n%s\n", section.name, strings.TrimSuffix(section.text, "\n"))
		}
	}
	return b.String()
}

// Shrink makes a situation that fails smaller, as long as it still fails: the policies, then the cluster.
func (sc Scenario) Shrink(fails func(Scenario) bool) Scenario {
	with := func(policies, cluster string) Scenario {
		smaller := sc
		smaller.Policies, smaller.Cluster = policies, cluster
		return smaller
	}
	if sc.Cluster != "" && fails(with(sc.Policies, "")) {
		sc.Cluster = ""
	}
	sc.Policies = Shrink(sc.Policies, func(text string) bool { return fails(with(text, sc.Cluster)) })
	if sc.Cluster != "" {
		sc.Cluster = Shrink(sc.Cluster, func(text string) bool { return fails(with(sc.Policies, text)) })
	}
	return sc
}
