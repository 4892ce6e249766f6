package calico

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// cacheOf is a cache of names and their addresses, looked up one minute after the other.
func cacheOf(t *testing.T, names ...string) *fqdn.Cache {
	t.Helper()
	var lookups []string
	for i, n := range names {
		name, addresses, _ := strings.Cut(n, " ")
		lookups = append(lookups, fmt.Sprintf(`{"fqdn": %q, "ips": ["%s"], "lookup-time": "2026-11-20T09:%02d:00Z"}`,
			name, strings.ReplaceAll(addresses, " ", `", "`), i%60))
	}
	c, problems := fqdn.Parse("cache.json", []byte("["+strings.Join(lookups, ",")+"]"))
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return c
}

// toNames is a policy that isolates, with one rule for names.
func toNames(namespace string, action model.Action, p model.Peer) *model.Policy {
	out := ciliumPolicy(namespace, "out", selector.All())
	out.Sections[model.Egress] = section(true, rule(action, box(p, tcp(443))))
	return out
}

func messages(e *env.Env) string {
	var out []string
	for _, f := range e.Findings.Sorted() {
		out = append(out, f.Code.ID+" "+f.Message)
	}
	return strings.Join(out, "\n")
}

func TestNames(t *testing.T) {
	cache := []string{"a.example. 203.0.113.7", "b.example. 10.244.0.9 203.0.113.8", "pod.example. 10.244.0.9", "node.example. 192.168.10.1"}
	for _, tt := range []struct {
		name                 string
		names                []string
		nets                 string
		allows               int
		code, says, saysNone string
	}{
		{"one name", []string{"a.example"}, "203.0.113.7/32", 1, "PF3009", "a.example become the 1 address that Cilium knew at 2026-11-20T09:00:00Z", "no address"},
		{"a pattern", []string{"*.example"}, "203.0.113.7/32,203.0.113.8/32", 1, "PF3009", "*.example become the 2 addresses that Cilium knew at 2026-11-20T09:03:00Z", "no address"},
		{"a name that is not known", []string{"a.example", "x.example"}, "203.0.113.7/32", 1, "PF3009", "no address is known of x.example", ""},
		{"pods are left out", []string{"b.example"}, "203.0.113.8/32", 1, "PF3009", "become the 1 address", ""},
		{"only pods", []string{"pod.example"}, "", 0, "PF2002", "the FQDN cache has no address outside the cluster for pod.example", ""},
		{"only nodes", []string{"node.example"}, "", 0, "PF2002", "the FQDN cache has no address outside the cluster for node.example", ""},
		{"no name is known", []string{"x.example"}, "", 0, "PF2002", "x.example, so the rule does not allow that part", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := outbound(known())
			e.FQDNCache = cacheOf(t, cache...)
			set := unorderedSet(toNames("shop", model.Allow, model.Peer{Names: tt.names}))
			Fit(set, e)
			nets, allows := "", 0
			for _, o := range Raise(set, e) {
				switch spec := o.(*object).Spec.(type) {
				case setSpec:
					nets = strings.Join(spec.Nets, ",")
				case policySpec:
					allows = len(spec.Egress)
				}
			}
			if nets != tt.nets || allows != tt.allows {
				t.Errorf("%d rules with %q, want %d with %q", allows, nets, tt.allows, tt.nets)
			}
			got := messages(e)
			if !strings.HasPrefix(got, tt.code) || !strings.Contains(got, tt.says) || tt.saysNone != "" && strings.Contains(got, tt.saysNone) {
				t.Errorf("findings:\n%s", got)
			}
		})
	}
}

// TestNamesAreNotWidened holds the ways in which a rule with names could allow more than their addresses.
func TestNamesAreNotWidened(t *testing.T) {
	names := model.Peer{Names: []string{"a.example"}}
	t.Run("without facts and with the doubt accepted", func(t *testing.T) {
		e := outbound(nil)
		e.FQDNCache = cacheOf(t, "a.example. 203.0.113.7")
		if text := written(t, unorderedSet(toNames("shop", model.Allow, names)), e); strings.Contains(text, "203.0.113.7") {
			t.Errorf("the address may be a pod's:\n%s", text)
		}
		if !strings.Contains(messages(e), "PF3008") {
			t.Errorf("findings:\n%s", messages(e))
		}
		e = outbound(nil)
		e.FQDNCache = cacheOf(t, "a.example. 203.0.113.7")
		e.Accepted = map[string]bool{diag.NeedsFact.ID: true}
		text := written(t, unorderedSet(toNames("shop", model.Allow, names)), e)
		if !strings.Contains(text, "- 203.0.113.7/32") || strings.Contains(text, "/0") {
			t.Errorf("got\n%s", text)
		}
	})
	t.Run("a name that is not known, accepted", func(t *testing.T) {
		e := outbound(known())
		e.FQDNCache = cacheOf(t, "b.example. 203.0.113.8")
		e.Accepted = map[string]bool{diag.FQDN.ID: true}
		if text := written(t, unorderedSet(toNames("shop", model.Allow, names)), e); strings.Contains(text, "egress:") {
			t.Errorf("got\n%s", text)
		}
	})
	t.Run("a deny stays wide", func(t *testing.T) {
		e := outbound(known())
		e.FQDNCache = cacheOf(t, "a.example. 203.0.113.7")
		text := written(t, unorderedSet(toNames("shop", model.Deny, names)), e)
		if !strings.Contains(text, "Deny") || strings.Contains(text, "GlobalNetworkSet") || strings.Contains(text, "203.0.113.7") {
			t.Errorf("got\n%s", text)
		}
	})
	t.Run("pods that are meant besides", func(t *testing.T) {
		e := outbound(known())
		e.FQDNCache = cacheOf(t, "a.example. 10.244.0.9 203.0.113.7")
		peer := names.Union(model.Pods(selector.All())).Union(model.World(cidr.MustParse("198.51.100.0/24")))
		text := written(t, unorderedSet(toNames("shop", model.Allow, peer)), e)
		if strings.Contains(text, "10.244.0.9") || !strings.Contains(text, "- 203.0.113.7/32") || !strings.Contains(text, "- 198.51.100.0/24") {
			t.Errorf("got\n%s", text)
		}
	})
}

func TestNamesShareSets(t *testing.T) {
	e := outbound(known())
	e.FQDNCache = cacheOf(t, "a.example. 203.0.113.7", "b.example. 203.0.113.8")
	text := written(t, unorderedSet(
		toNames("shop", model.Allow, model.Peer{Names: []string{"A.example.", "b.example"}}),
		toNames("pay", model.Allow, model.Peer{Names: []string{"a.example", "b.example"}}),
		toNames("", model.Allow, model.Peer{Names: []string{"b.example"}})), e)
	if n := strings.Count(text, "kind: GlobalNetworkSet"); n != 2 {
		t.Errorf("%d sets, want 2:\n%s", n, text)
	}
}

func TestManyNamesFillMoreSets(t *testing.T) {
	var names []string
	for i := range 6000 {
		names = append(names, fmt.Sprintf("n%d.example. 203.%d.%d.%d", i, i/10_000, i/100, 2*(i%100)))
	}
	e := outbound(known())
	e.FQDNCache = cacheOf(t, names...)
	set := unorderedSet(toNames("shop", model.Allow, model.Peer{Names: []string{"*.example"}}))
	Fit(set, e)
	sets, nets, labels := 0, 0, map[string]bool{}
	for _, o := range Raise(set, e) {
		if o := o.(*object); o.Kind == "GlobalNetworkSet" {
			sets, nets, labels[o.Metadata.Labels[labelFQDN]] = sets+1, nets+len(o.Spec.(setSpec).Nets), true
		}
	}
	if sets != 2 || nets != 6000 || len(labels) != 1 {
		t.Errorf("%d sets with %d nets and %d labels, want 2, 6000 and 1", sets, nets, len(labels))
	}
}

func TestNamesValue(t *testing.T) {
	for _, names := range [][]string{{"*"}, {"**."}, {"a.example"}, {"**.a.example", "b.example"}, {strings.Repeat("a-", 120) + "b"}, {"_._"}} {
		v := namesValue(names)
		if len(v) > 63 || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || v[0] == '-' || v != namesValue(names) {
			t.Errorf("%q: %s", names, v)
		}
	}
}
