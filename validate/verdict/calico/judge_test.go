package calico

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

func TestVerdictNamesTheDecider(t *testing.T) {
	s := readScenario(t, "testdata/kubernetes.txtar")
	judge, err := New(s.docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]verdict.Verdict{
		"shop/web shop/db tcp/5432 allow":  {Egress: verdict.Allow, Ingress: verdict.Allow, IngressBy: []string{"NetworkPolicy shop/db"}},
		"shop/web shop/db tcp/5434 deny":   {Egress: verdict.Allow, Ingress: verdict.Deny, IngressBy: []string{"GlobalNetworkPolicy before"}},
		"shop/web shop/db tcp/1 deny":      {Egress: verdict.Allow, Ingress: verdict.Deny},
		"ops/batch shop/db tcp/7 allow":    {Egress: verdict.Allow, EgressBy: []string{"NetworkPolicy ops/batch"}, Ingress: verdict.Allow, IngressBy: []string{"GlobalNetworkPolicy after"}},
		"ops/batch 192.0.2.1 tcp/7 deny":   {Egress: verdict.Deny, Ingress: verdict.None},
		"192.0.2.1 192.0.2.2 tcp/7 allow":  {Egress: verdict.None, Ingress: verdict.None},
		"node:n2 shop/db tcp/1 allow":      {Egress: verdict.None, Ingress: verdict.Allow},
		"shop/web node:n1 icmpv6/135 deny": {Egress: verdict.Allow, Ingress: verdict.None},
	} {
		flows, err := verdict.ParseFlows(line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := judge.Judge(flows[0].Connection)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v %v\nwant %+v", line, got, err, want)
		}
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	s := readScenario(t, "testdata/kubernetes.txtar")
	judge, err := New(s.docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	web := verdict.Endpoint{Pod: "shop/web"}
	for want, c := range map[string]verdict.Connection{
		"no pod shop/nobody":       {From: verdict.Endpoint{Pod: "shop/nobody"}, To: web},
		"no node n9":               {From: web, To: verdict.Endpoint{Node: "n9"}},
		"an end of the connection": {From: web},
		"an IP version is 4 or 6":  {From: web, To: web, IPVersion: 5},
	} {
		if _, err := judge.Judge(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	flows, err := verdict.ParseFlows("shop/web 203.0.113.1 tcp/1 egress:unknown ipv6")
	if err != nil {
		t.Fatal(err)
	}
	v, err := judge.Judge(flows[0].Connection)
	if err != nil || v.Egress != verdict.Unknown || !strings.Contains(v.Why, "no addresses of one family") {
		t.Errorf("ends without a common family: %+v, %v", v, err)
	}
}

func TestWindowsIsNotJudged(t *testing.T) {
	_, err := New(nil, &cluster.Facts{Calico: cluster.CalicoSettings{Dataplane: "windows"}})
	if err == nil || !strings.Contains(err.Error(), "Windows") {
		t.Errorf("got %v", err)
	}
}

func TestTwoObjectsOfOneName(t *testing.T) {
	s := readScenario(t, "testdata/kubernetes.txtar")
	if _, err := New(append(s.docs, s.docs...), s.facts); err != nil {
		t.Errorf("the same documents twice: %v", err)
	}
	clash := parse(t, []source.Input{{Name: "clash.yaml", Data: []byte(`
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: one}
spec: {order: 1}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: one}
spec: {order: 2}
`)}})
	if _, err := New(clash, s.facts); err == nil || !strings.Contains(err.Error(), "a second GlobalNetworkPolicy one") {
		t.Errorf("two policies of one name: %v", err)
	}
}

func TestKindsOfOneName(t *testing.T) {
	s := readScenario(t, "testdata/kubernetes.txtar")
	both := parse(t, []source.Input{{Name: "both.yaml", Data: []byte(`
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {selector: app == 'web'}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}}
`)}})
	if _, err := New(both, s.facts); err != nil {
		t.Errorf("a policy of Calico and one of Kubernetes: %v", err)
	}
}

// Equivalence asks one judge from several goroutines.
func TestConcurrentUse(t *testing.T) {
	s := readScenario(t, "testdata/subjects.txtar")
	judge, err := New(s.docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for _, f := range s.flows {
				if v, err := judge.Judge(f.Connection); err != nil || !f.Want.Met(v) {
					t.Errorf("%s: %+v %v", f.Text, v, err)
				}
			}
		}()
	}
	wait.Wait()
}

// TestRequestsOfRawRules: of requests that a sidecar may deny by a rule with an http match nobody says that they pass.
func TestRequestsOfRawRules(t *testing.T) {
	s := readScenario(t, "testdata/application-layer-raw.txtar")
	judge, err := New(s.docs, s.facts)
	if err != nil {
		t.Fatal(err)
	}
	flows, err := verdict.ParseFlows("ops/tool shop/web tcp/80 allow\nops/tool shop/web tcp/82 allow")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows {
		if v, err := judge.Judge(f.Connection); err != nil || v.Ingress != verdict.Unknown || v.IngressWhen != nil {
			t.Errorf("%+v, %v: %s is said to pass", v, err, v.IngressWhen)
		}
	}
}
