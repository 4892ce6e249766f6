package cilium

import (
	"testing"

	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// below are rules of the Baseline tier beneath requests and names that a proxy is asked about: what the proxy for HTTP
// does not let pass is a matter for them, and what the one for DNS refuses is not.
const below = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: requests}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - {fromEndpoints: [{}], toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "81", protocol: TCP}, {port: "82", protocol: TCP}, {port: "83", protocol: TCP}], rules: {http: [{method: GET}]}}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: names}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
  - {toEndpoints: [{}], toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchName: a.example}]}}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: baseline}
spec:
  tier: Baseline
  priority: 10
  subject: {namespaces: {}}
  ingress:
  - {action: Pass, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 83}}}]}
  - {action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}
  - {action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 81}}}]}
  - {action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 81, end: 83}}}}, {udp: {destinationPort: {number: 53}}}]}
  egress:
  - {action: Accept, to: [{namespaces: {}}]}
`

// TestInsideBelow says what passes inside connections that rules of a tier below are about, too.
func TestInsideBelow(t *testing.T) {
	judge := newJudge(t, []byte(below), baseCluster(t, "clusterNetworkPolicy: true"))
	get := condition.Requests([]condition.Request{{Method: "GET"}})
	all := condition.Requests([]condition.Request{{}})
	for traffic, want := range map[string]*condition.Condition{"tcp/80": all, "tcp/81": get, "tcp/82": all, "tcp/83": get} {
		v, err := judge.Judge(connection(t, verdict.Endpoint{Pod: "shop/web"}, "shop/db", traffic))
		if err != nil {
			t.Fatal(err)
		}
		if v.IngressWhen == nil {
			t.Errorf("%s: no proxy is asked: %+v", traffic, v)
		} else if r := condition.Compare(passing(want), passing(v.IngressWhen)); r != (condition.Relation{Known: true}) {
			t.Errorf("%s: %s pass, want %s: %+v", traffic, v.IngressWhen, want, r)
		}
	}
	v, err := judge.Judge(connection(t, verdict.Endpoint{Pod: "shop/web"}, "shop/db", "udp/53"))
	if err != nil {
		t.Fatal(err)
	}
	want := condition.Names([]string{`a[.]example[.]`}, nil)
	if v.EgressWhen == nil || condition.Compare(passing(want), passing(v.EgressWhen)) != (condition.Relation{Known: true}) {
		t.Errorf("names: %s pass", v.EgressWhen)
	}
}

// TestEngineInsideBelow asks the engine for the same.
func TestEngineInsideBelow(t *testing.T) {
	var all []verdict.Connection
	for _, traffic := range []string{"tcp/80", "tcp/81", "tcp/82", "tcp/83", "udp/53"} {
		all = append(all, connection(t, verdict.Endpoint{Pod: "shop/web"}, "shop/db", traffic))
	}
	seen := compareJudges(t, engineProgram(t), []byte(below), baseCluster(t, "clusterNetworkPolicy: true"), all)
	if seen["inside"] != len(all) {
		t.Errorf("%d of %d conditions were compared", seen["inside"], len(all))
	}
}

// TestPatternsOfStars: what stands for every name depends on the release, and so does what two stars in front mean.
func TestPatternsOfStars(t *testing.T) {
	for pattern, c := range map[string]struct{ since118, since119 string }{
		"*":           {"", ""},
		"**":          {`[-a-z0-9_]*[.]`, ""},
		"*.":          {`[-a-z0-9_]*[.]`, ""},
		"**.":         {`[-a-z0-9_]*[.]`, ""},
		"**.a.":       {`[-a-z0-9_]*[.]a[.]`, `([-a-z0-9_]+[.])+a[.]`},
		"b**.a":       {`b[-a-z0-9_]*[.]a[.]`, `b[-a-z0-9_]*[.]a[.]`},
		"*.*.A":       {`[-a-z0-9_]*[.][-a-z0-9_]*[.]a[.]`, `[-a-z0-9_]*[.][-a-z0-9_]*[.]a[.]`},
		"api-*.a_b.c": {`api-[-a-z0-9_]*[.]a_b[.]c[.]`, `api-[-a-z0-9_]*[.]a_b[.]c[.]`},
	} {
		policy := `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: names}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress: [{toEndpoints: [{}], toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "` + pattern + `"}]}}]}]
`
		for version, want := range map[string]string{"1.18.4": c.since118, "1.19.0": c.since119} {
			v, err := newJudge(t, []byte(policy), baseCluster(t, "version: "+version)).Judge(connection(t, verdict.Endpoint{Pod: "shop/web"}, "shop/db", "udp/53"))
			switch {
			case err != nil:
				t.Fatal(err)
			case want == "":
				if v.Egress != verdict.Allow {
					t.Errorf("%s under %s: %+v, want every name", pattern, version, v)
				}
			case v.EgressWhen == nil || condition.Compare(passing(condition.Names([]string{want}, nil)), passing(v.EgressWhen)) != (condition.Relation{Known: true}):
				t.Errorf("%s under %s: %s %v, want %s", pattern, version, v.Egress, v.EgressWhen, want)
			}
		}
	}
}
