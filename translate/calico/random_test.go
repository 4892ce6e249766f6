package calico

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/source"
)

// author writes random Calico objects as text: most of them sensible, some that Calico rejects.
type author struct{ *rand.Rand }

func (a author) pick(list ...string) string { return list[a.IntN(len(list))] }

// maybe returns one of the texts once in n times, and otherwise nothing.
func (a author) maybe(n int, list ...string) string {
	if a.IntN(n) > 0 {
		return ""
	}
	return a.pick(list...)
}

func (a author) podSelector() string {
	return a.pick(`app == 'web'`, `app != 'web'`, `has(app)`, `!has(app)`, `app in {'web', 'db'}`, `all()`, `app == 'db' || tier == 'front'`,
		`!(app == 'web' && has(tier))`, `app starts with 'w'`, `projectcalico.org/namespace == 'shop'`, `pcns.team == 'b'`,
		`projectcalico.org/orchestrator == 'k8s'`, `role == 'set'`, `has(role) || app == 'db'`, `projectcalico.org/serviceaccount == 'robot'`,
		`!has(projectcalico.org/orchestrator)`, `app not in {'db'} && !has(role)`)
}

func (a author) namespaceSelector() string {
	return a.pick(`all()`, `projectcalico.org/name == 'shop'`, `team == 'a'`, `team != 'a'`, `!has(team)`, `kubernetes.io/metadata.name in {'pay'}`,
		`has(team) && team not in {'b'}`, `all() && team == 'b'`)
}

func (a author) nets() string {
	return a.pick(`['10.244.0.0/16']`, `['10.0.0.0/8']`, `['192.168.10.0/24']`, `['192.0.2.0/24', '10.0.0.0/24']`, `['192.168.10.1/32']`, `['0.0.0.0/0']`,
		`['2001:db8::/32']`, `['10.244.0.2/32']`, `['10.244.0.0/16', '192.168.0.0/16']`)
}

func (a author) ports() string {
	return a.pick(`[80]`, `[443, '8000:8100']`, `[http]`, `[http, 53]`, `[dns]`, `['1:65535']`)
}

func (a author) entity(ports, services bool) string {
	var f []string
	add := func(key, value string) {
		if value != "" {
			f = append(f, key+": "+value)
		}
	}
	if services && a.IntN(6) == 0 {
		add("services", a.pick(`{name: web, namespace: shop}`, `{name: outside, namespace: pay}`, `{name: web}`))
	} else {
		add("nets", a.maybe(3, a.nets()))
		add("notNets", a.maybe(9, `['10.244.0.0/16']`, `['192.168.10.2/32']`, `['10.0.0.0/8']`))
		add("selector", quoteYAML(a.maybe(3, a.podSelector())))
		add("namespaceSelector", quoteYAML(a.maybe(4, a.namespaceSelector(), "global()")))
		add("notSelector", quoteYAML(a.maybe(8, a.podSelector())))
		add("serviceAccounts", a.maybe(10, `{names: [robot]}`, `{selector: kind == 'bot'}`, `{names: [robot, default], selector: has(kind)}`, `{}`))
	}
	if ports {
		add("ports", a.maybe(2, a.ports()))
		add("notPorts", a.maybe(9, `[80]`, `['1:100']`))
	}
	return "{" + strings.Join(f, ", ") + "}"
}

func quoteYAML(s string) string {
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

func (a author) rule(egress bool) string {
	f := []string{"action: " + a.pick("Allow", "Allow", "Allow", "Deny", "Deny", "Pass", "Log")}
	ports := false
	switch a.IntN(7) {
	case 0, 1:
		f = append(f, "protocol: "+a.pick("TCP", "UDP", "6", "SCTP"))
		ports = true
	case 2:
		f = append(f, a.pick("protocol: ICMP", "{protocol: ICMP, icmp: {type: 8}}", "{protocol: ICMP, notICMP: {type: 3, code: 1}}", "protocol: 47"))
	case 3:
		f = append(f, "notProtocol: "+a.pick("TCP", "ICMP", "17"))
	}
	for i := range f {
		f[i] = strings.Trim(f[i], "{}")
		if strings.Contains(f[i], "{") {
			f[i] += "}"
		}
	}
	if a.IntN(12) == 0 {
		f = append(f, "ipVersion: 4")
	}
	// The policed end and the other one.
	self, other := a.entity(false, false), a.entity(false, true)
	if a.IntN(4) > 0 {
		self = "{}"
	}
	switch {
	case egress && ports:
		other = a.entity(true, true)
	case ports && self == "{}":
		self = a.entity(true, false)
		if a.IntN(3) > 0 {
			self = "{ports: " + a.ports() + "}"
		}
	}
	source, destination := other, self
	if egress {
		source, destination = self, other
	}
	f = append(f, "source: "+source, "destination: "+destination)
	return "{" + strings.Join(f, ", ") + "}"
}

func (a author) policy(i int) string {
	global := a.IntN(2) == 0
	kind, meta := "NetworkPolicy", fmt.Sprintf("namespace: %s", a.pick("shop", "pay"))
	if global {
		kind, meta = "GlobalNetworkPolicy", "labels: {a: b}"
	}
	tier, name := "", fmt.Sprintf("p%d", i)
	if t := a.maybe(3, "first", "pass"); t != "" {
		tier, name = t, t+"."+name
	}
	api := "projectcalico.org/v3"
	if a.IntN(6) == 0 {
		api = "crd.projectcalico.org/v1"
		if tier == "" && a.IntN(2) == 0 {
			name = "default." + name
		}
	}
	var spec []string
	add := func(key, value string) {
		if value != "" {
			spec = append(spec, key+": "+value)
		}
	}
	add("tier", tier)
	add("order", a.maybe(1, "10", "20", "1000", "", "10"))
	add("selector", quoteYAML(a.maybe(2, a.podSelector())))
	add("serviceAccountSelector", quoteYAML(a.maybe(10, `kind == 'bot'`, `projectcalico.org/name == 'robot'`, `all()`)))
	if global {
		add("namespaceSelector", quoteYAML(a.maybe(2, a.namespaceSelector())))
	}
	add("types", a.maybe(2, "[Ingress]", "[Egress]", "[Ingress, Egress]"))
	for _, d := range []string{"ingress", "egress"} {
		var rules []string
		for range a.IntN(4) {
			rules = append(rules, "\n  - "+a.rule(d == "egress"))
		}
		if len(rules) > 0 {
			spec = append(spec, d+":"+strings.Join(rules, ""))
		}
	}
	if len(spec) == 0 {
		spec = []string{"order: 5"}
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s, %s}\nspec:\n  %s\n", api, kind, name, meta, strings.Join(spec, "\n  "))
}

func (a author) set() string {
	out := []string{
		"apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: first}\nspec: {order: " + a.pick("10", "2000000") + "}\n",
		"apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: pass}\nspec: {order: 20, defaultAction: Pass}\n",
		"apiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: g, labels: {role: set}}\nspec: {nets: [192.0.2.0/24, 192.168.10.0/24]}\n",
		"apiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: s, namespace: shop, labels: {role: set, app: db}}\nspec: {nets: [10.0.0.1]}\n",
	}
	for i := range 1 + a.IntN(5) {
		out = append(out, a.policy(i))
	}
	return strings.Join(out, "---\n")
}

// seeds is how many random sets a test tries.
const seeds = 40

// TestLowerAgainstTheReferenceEvaluator lowers random sets and asks the model and the evaluator the same questions:
// where the model is sure it must agree, and where it is not it may not allow what Calico denies.
func TestLowerAgainstTheReferenceEvaluator(t *testing.T) {
	for _, tt := range []struct {
		name, cluster string
		facts         bool
		hosts         bool
		release       compat.Version
		// least is the least share of sure answers, in percent.
		least int
	}{
		{"IPv4", arenaText, true, false, compat.Version{Major: 3, Minor: 31}, 97},
		{"both families", dualStack(arenaText), true, false, compat.Version{Major: 3, Minor: 31}, 90},
		{"nothing known", arenaText, false, false, compat.Version{Major: 3, Minor: 31}, 70},
		{"host endpoints", arenaText, true, true, compat.Version{Major: 3, Minor: 31}, 97},
		{"3.32", strings.ReplaceAll(arenaText, "calico: {", "calico: {version: 3.32.0, "), true, false, compat.Version{Major: 3, Minor: 32}, 97},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newArena(t, tt.cluster, outsiders...)
			known := a.facts
			if !tt.facts {
				known = &cluster.Facts{}
			}
			sure, unsure := 0, 0
			for seed := range uint64(seeds) {
				e := surroundings(known)
				e.Source.Version = tt.release
				text := author{rand.New(rand.NewPCG(seed, 11))}.set()
				if tt.hosts {
					text += hostEndpoints
				}
				s, u := lowerAndCompare(t, a, text, e)
				sure, unsure = sure+s, unsure+u
			}
			if share := 100 * sure / (sure + unsure); share < tt.least {
				t.Errorf("only %d %% of the answers are sure", share)
			} else {
				t.Logf("%d %% of %d answers are sure", share, sure+unsure)
			}
		})
	}
}

// hostEndpoints makes the nodes endpoints of their own: one open where no policy says otherwise, one closed.
const hostEndpoints = `---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: h1, labels: {role: set}}
spec: {node: n1, interfaceName: '*', expectedIPs: [192.168.10.1], profiles: [projectcalico-default-allow]}
---
apiVersion: crd.projectcalico.org/v1
kind: HostEndpoint
metadata: {name: h2, annotations: {projectcalico.org/metadata: '{"labels":{"app":"web","tier":"front"}}'}}
spec: {node: n2, interfaceName: '*', expectedIPs: [192.168.10.2]}
`

// lowerAndCompare lowers what Calico accepts of a set, and compares. It returns how many answers were sure.
func lowerAndCompare(t *testing.T, a *arena, text string, e *env.Env) (sure, unsure int) {
	t.Helper()
	docs := read(t, text)
	judge, rejected := a.judgeOf(t, docs)
	var accepted []*source.Document
	for _, d := range docs {
		if _, no := rejected[d.Object.String()]; !no {
			accepted = append(accepted, d)
		}
	}
	if len(accepted) < 4 {
		t.Fatalf("Calico accepts too little of\n%s\n%v", text, rejected)
	}
	set := Lower(accepted, nil, e)
	for _, d := range accepted {
		if left := e.Ledger(d).Left(); len(left) > 0 {
			t.Fatalf("%s: fields left over: %v\n%s", d.Object, left, text)
		}
	}
	return a.compare(t, set, judge, func() string { return text + codes(e) })
}
