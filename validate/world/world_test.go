package world

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

const policy = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {selector: app == 'db', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'web'}}]}
`

func read(t *testing.T, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes("given.yaml", []byte(text), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return docs
}

// TestWhatIsGivenStands makes clusters around parts of one.
func TestWhatIsGivenStands(t *testing.T) {
	sctp := func(w *World) bool { return w.Facts.Cilium.SCTP != nil && *w.Facts.Cilium.SCTP }
	for name, c := range map[string]struct {
		given string
		holds func(*World) bool
	}{
		"nothing": {"", func(w *World) bool { return len(w.Facts.Nodes) == 2 && w.Facts.Complete }},
		"a namespace": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}",
			func(w *World) bool { return w.Facts.Namespaces["shop"].Labels["env"] == "prod" }},
		"a namespace that no policy names": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: pay}",
			func(w *World) bool { return w.Facts.Pods["pay/bare"] != nil }},
		"all namespaces": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {complete: true}",
			func(w *World) bool { return len(w.Facts.Namespaces) == 1 && w.Facts.Pods["shop/bare"] != nil }},
		"a node": {"apiVersion: v1\nkind: Node\nmetadata: {name: alpha}\nstatus: {addresses: [{type: InternalIP, address: 172.16.0.1}]}",
			func(w *World) bool { return len(w.Facts.Nodes) == 1 && w.Facts.Pods["shop/bare"].Node == "alpha" }},
		"settings": {"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {sctp: true}}",
			func(w *World) bool { return sctp(w) && len(w.Facts.PodCIDRs) == 1 }},
		"a range of pods": {"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {podCIDRs: [10.1.2.0/30, 10.7.0.0/16]}",
			func(w *World) bool {
				return w.Facts.Pods["shop/bare"] != nil && strings.HasPrefix(w.Facts.Pods["shop/bare"].Addresses[0].String(), "10.") && len(w.Facts.PodCIDRs) == 2
			}},
		"a range of nodes": {"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {nodeCIDRs: [172.16.0.0/12]}",
			func(w *World) bool { return w.Facts.Nodes["node-2"].Addresses[0].String() == "172.16.0.2" }},
		"ranges of the other family": {"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {podCIDRs: [\"fd00::/64\"]}",
			func(w *World) bool { return w.Facts.Pods["shop/bare"].Addresses[0].Is6() }},
	} {
		t.Run(name, func(t *testing.T) {
			var objects []*source.Document
			if c.given != "" {
				objects = read(t, c.given)
			}
			w, findings, err := Of(objects, read(t, policy))
			if err != nil || findings.Len() > 0 {
				t.Fatalf("%v, %v", err, findings.All())
			}
			if !w.Synthetic || !c.holds(w) {
				t.Errorf("synthetic %v, pods %v, facts %+v", w.Synthetic, w.Facts.Pods, w.Facts)
			}
			// The same object in the set is the same to the cluster.
			if c.given == "" {
				return
			}
			again, findings, err := Of(nil, append(read(t, policy), objects...))
			if err != nil || findings.Len() > 0 || !c.holds(again) {
				t.Errorf("in the set: %v, %v", err, findings.All())
			}
		})
	}
}

// TestNoRoom: a range that is given and too small is an error, not a cluster with fewer pods.
func TestNoRoom(t *testing.T) {
	facts := read(t, "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {podCIDRs: [10.1.2.0/30]}")
	if _, _, err := Of(facts, read(t, policy)); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("error %v", err)
	}
}

// TestPodsAreEnough: a cluster with a pod is taken as it is.
func TestPodsAreEnough(t *testing.T) {
	pod := read(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c}]}\nstatus: {podIP: 10.0.0.1}")
	w, _, err := Of(pod, read(t, policy))
	if err != nil || w.Synthetic || len(w.Facts.Pods) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
}
