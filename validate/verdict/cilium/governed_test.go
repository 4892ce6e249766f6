package cilium

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// TestGovernedByWhatIsKnown: a rule that asks for no label of the world does not match an address outside, until another
// policy, which does not select the pod, names a prefix of it: then the placeholder of such addresses answers for it.
func TestGovernedByWhatIsKnown(t *testing.T) {
	docs, problems := source.ReadBytes("set.yaml", []byte(`
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: not-the-world}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress: [{toEndpoints: [{matchExpressions: [{key: "reserved:world", operator: DoesNotExist}]}]}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: partner}
spec:
  endpointSelector: {matchLabels: {app: other}}
  egress: [{toCIDR: [203.0.113.0/24]}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: inside}
spec:
  endpointSelector: {matchLabels: {app: other}}
  egress: [{toEntities: [cluster]}]
`), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	facts := &cluster.Facts{Pods: map[string]*cluster.Pod{"shop/web": {
		Namespace: "shop", Name: "web", Labels: map[string]string{"app": "web"}, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")},
	}}}
	web := verdict.Endpoint{Pod: "shop/web"}
	to := verdict.Connection{From: web, To: verdict.Endpoint{Addr: netip.MustParseAddr("203.0.113.7")}, Protocol: 6, Port: 443}
	ask := func(docs ...*source.Document) (verdict.Action, []any) {
		j, err := New(docs, facts)
		if err != nil {
			t.Fatal(err)
		}
		v, err := j.JudgeEnd(to, false)
		if err != nil {
			t.Fatal(err)
		}
		return v.Action, j.(verdict.Recogniser).Governed(web, false)
	}
	alone, byItself := ask(docs[0])
	known, besidePrefix := ask(docs[0], docs[1])
	unmoved, besideOther := ask(docs[0], docs[2])
	if alone != verdict.Deny || known != verdict.Allow || unmoved != verdict.Deny {
		t.Fatalf("alone %s, beside a prefix %s, beside another policy %s", alone, known, unmoved)
	}
	if slices.Equal(byItself, besidePrefix) {
		t.Error("a pod that a prefix lets out is governed as one that it does not")
	}
	if !slices.Equal(byItself, besideOther) {
		t.Error("a policy that has nothing to do with the pod governs it")
	}
}
