package cilium

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// TestNamesOfPolicies shows which policies a verdict names: those that match at the level that decides, and none
// where a default does.
func TestNamesOfPolicies(t *testing.T) {
	s := readScenario(t, "testdata/precedence.txtar")
	j := newJudge(t, s.policies, s.cluster)
	for _, test := range []struct {
		from, traffic string
		want          []string
	}{
		{"shop/web", "tcp/80", []string{"CiliumNetworkPolicy shop/allow-web"}},
		{"shop/web", "tcp/23", []string{"CiliumClusterwideNetworkPolicy no-telnet"}},
		{"dev/tool", "tcp/80", []string{"NetworkPolicy shop/dev-in"}},
		{"203.0.113.7", "tcp/80", nil},
		{"node:node-2", "tcp/80", nil},
	} {
		from, err := verdict.ParseEndpoint(test.from)
		if err != nil {
			t.Fatal(err)
		}
		v, err := j.Judge(connection(t, from, "shop/db", test.traffic))
		if err != nil || !slices.Equal(v.IngressBy, test.want) {
			t.Errorf("%s %s: got %v, %v, want %v", test.from, test.traffic, v.IngressBy, err, test.want)
		}
	}
}

// TestRejected shows that what is not enforced is named with its reason.
func TestRejected(t *testing.T) {
	s := readScenario(t, "testdata/rejected.txtar")
	more := policyForDB("KNP", "ingress: 7") + "---\n" +
		strings.Replace(policyForDB("KNP", `ingress: [{ports: [{port: 1, protocol: TCPX}]}]`), "form", "protocol", 1) + "---\n" +
		strings.Replace(policyForDB("KNP", `ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/40}}]}]`), "form", "block", 1) + "---\n" +
		policyForDB("KCNP", "ingress: [{action: Deny}]")
	got := newJudge(t, []byte(string(s.policies)+"---\n"+more), s.cluster).(verdict.Rejecter).Rejected()
	want := map[string]string{
		"CiliumNetworkPolicy shop/mixed-peers":   "combining",
		"CiliumNetworkPolicy shop/one-bad-spec":  "at least one of",
		"CiliumNetworkPolicy shop/nodes":         "NodeSelector",
		"CiliumNetworkPolicy shop/layer7-on-udp": "L7",
		"NetworkPolicy shop/form":                "unmarshal",
		"NetworkPolicy shop/protocol":            "not a protocol",
		"NetworkPolicy shop/block":               "not a prefix",
		"ClusterNetworkPolicy form":              "off",
	}
	if len(got) != len(want) {
		t.Errorf("got %d rejections, want %d: %v", len(got), len(want), got)
	}
	for _, r := range got {
		if reason := want[r.Object]; reason == "" || !strings.Contains(r.Reason, reason) {
			t.Errorf("%s: got reason %q, want %q in it", r.Object, r.Reason, reason)
		}
	}
}

// TestUnusable shows what New refuses to judge.
func TestUnusable(t *testing.T) {
	twice := policyForDB("CNP", "ingress: [{}]") + "---\n" + policyForDB("CNP", "egress: [{}]")
	if _, err := New(documents(t, "p.yaml", []byte(twice)), nil); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("an object given twice: %v", err)
	}
	for _, settings := range []cluster.CiliumSettings{
		{Version: "1.x"}, {Version: "1"}, {Version: "1.20.1.1"}, {EnforcementMode: "sometimes"}, {IdentityLabels: "k8s:("},
	} {
		if _, err := New(nil, &cluster.Facts{Cilium: settings}); err == nil {
			t.Errorf("%+v is accepted", settings)
		}
	}
}

// TestUnknownEnds shows which connections are no question.
func TestUnknownEnds(t *testing.T) {
	j := newJudge(t, nil, baseCluster(t, ""))
	web, outside := verdict.Endpoint{Pod: "shop/web"}, verdict.Endpoint{Addr: netip.MustParseAddr("203.0.113.7")}
	for _, c := range []verdict.Connection{
		{From: verdict.Endpoint{Pod: "shop/none"}, To: web, Protocol: 6},
		{From: web, To: verdict.Endpoint{Node: "none"}, Protocol: 6},
		{From: web, Protocol: 6},
	} {
		if v, err := j.Judge(c); err == nil {
			t.Errorf("%v -> %v: got %+v", c.From, c.To, v)
		}
	}
	v, err := j.Judge(verdict.Connection{From: web, To: outside, Protocol: 6, Port: 1, IPVersion: 6})
	if err != nil || v.Egress != verdict.Unknown || v.Why == "" {
		t.Errorf("IPv6 to an IPv4 address: got %+v, %v", v, err)
	}
}

// TestReleases reads versions and compares them.
func TestReleases(t *testing.T) {
	for text, want := range map[string]release{
		"": defaultRelease, "1.19.3": {1, 19, 3}, "v1.20.0-rc.1": {1, 20, 0}, "1.18": {1, 18, 0},
	} {
		if got, err := parseRelease(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	if r := (release{1, 20, 1}); !r.before(1, 20, 2) || r.before(1, 20, 1) || !r.since(1, 20) || r.since(1, 21) {
		t.Error("releases compare wrongly")
	}
}

// TestConcurrentUse asks one judge from several goroutines; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	s := readScenario(t, "testdata/host-firewall.txtar")
	j := newJudge(t, s.policies, s.cluster)
	var askers sync.WaitGroup
	for range 4 {
		askers.Go(func() {
			for _, f := range s.flows {
				if v, err := j.Judge(f.Connection); err != nil || !f.Want.Met(v) {
					t.Errorf("%s: got %+v, %v", f.Text, v, err)
				}
			}
		})
	}
	askers.Wait()
}

// BenchmarkJudge measures verdicts over a hundred policies, of which about a third polices each pod.
func BenchmarkJudge(b *testing.B) {
	var policies strings.Builder
	for i := range 100 {
		fmt.Fprintf(&policies, "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p%d, namespace: %s}\n", i, []string{"shop", "dev", "kube-system"}[i%3])
		fmt.Fprintf(&policies, "spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {app: a%d}}, {matchLabels: {app: web, tier: t%d}}], toPorts: [{ports: [{port: %q}]}]},", i, i, fmt.Sprint(i+1))
		fmt.Fprintf(&policies, " {fromCIDR: [203.0.%d.0/24]}], egress: [{toEntities: [cluster], toPorts: [{ports: [{port: %q, protocol: TCP}]}]}]}\n", i, fmt.Sprint(i+1))
	}
	j := newJudge(b, []byte(policies.String()), baseCluster(b, ""))
	ends := []string{"shop/web", "shop/db", "dev/tool", "kube-system/dns", "node:node-1", "203.0.113.7"}
	var connections []verdict.Connection
	for _, from := range ends {
		end, err := verdict.ParseEndpoint(from)
		if err != nil {
			b.Fatal(err)
		}
		for _, to := range ends[:4] {
			connections = append(connections, connection(b, end, to, "tcp/99"))
		}
	}
	for i := 0; b.Loop(); i++ {
		if _, err := j.Judge(connections[i%len(connections)]); err != nil {
			b.Fatal(err)
		}
	}
}
