package cilium

import (
	"fmt"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

func orderedRule(p *model.Policy, subject, peer selector.Selector, t traffic.Set) model.OrderedRule {
	return model.OrderedRule{Box: model.Box{Subject: subject, Peer: model.Pods(peer), Traffic: t}, Action: model.Deny, Policy: p}
}

// TestOrderedRulesKeepToTheLimits writes more peers, ports and rules than one object takes.
func TestOrderedRulesKeepToTheLimits(t *testing.T) {
	e := newEnv(compat.Cilium, nil)
	p := &model.Policy{Origin: model.Origin{Object: diag.Object{Kind: "GlobalNetworkPolicy", Name: "many"}}}
	peers, ports := none, traffic.Set{}
	for i := range 30 {
		key := selector.Key{Kind: selector.PodLabel, Name: fmt.Sprintf("key-%d", i)}
		peers = peers.Or(selector.Where(key, selector.In("x")))
		ports = ports.Union(traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(traffic.Range{First: uint16(10 * i), Last: uint16(10*i + 1)})))
	}
	app := selector.Key{Kind: selector.PodLabel, Name: "app"}
	subject := selector.Where(app, selector.In("web").Union(selector.Absent()))
	var rules []model.OrderedRule
	for range 8 {
		rules = append(rules, orderedRule(p, subject, peers, ports))
	}
	objects := Raise(&model.Flat{Ordered: rules}, e)
	// Two halves of the subject; eight rules of 2 x 2 lists make 32.
	if len(objects) != 4 {
		t.Fatalf("%d objects", len(objects))
	}
	names, total := map[string]bool{}, 0
	for i, o := range objects {
		c := o.(*clusterPolicy)
		if c.Spec.Priority != firstPriority+i || c.Spec.Tier != "Admin" {
			t.Errorf("object %d has priority %d in tier %s", i, c.Spec.Priority, c.Spec.Tier)
		}
		names[c.Metadata.Name] = true
		total += len(c.Spec.Ingress)
		if len(c.Spec.Ingress) > maxRules {
			t.Errorf("%s has %d rules", c.Metadata.Name, len(c.Spec.Ingress))
		}
		for _, r := range c.Spec.Ingress {
			if len(r.From) > maxPeers || len(r.Protocols) > maxProtocols || len(r.From) == 0 {
				t.Errorf("%s has a rule with %d peers and %d protocols", c.Metadata.Name, len(r.From), len(r.Protocols))
			}
		}
	}
	if total != 64 || len(names) != 4 {
		t.Errorf("%d rules in objects with %d names", total, len(names))
	}
}

// TestOrderedSaysWhatItCan: the API has no words for ICMP, names of clusters or text operators, and is read only by
// some.
func TestOrderedSaysWhatItCan(t *testing.T) {
	on, off := true, false
	app := selector.Where(selector.Key{Kind: selector.PodLabel, Name: "app"}, selector.In("web"))
	mesh := selector.Where(clusterName, selector.In("east"))
	account := selector.Where(serviceAccountName, selector.In("cashier"))
	tcp := traffic.Protocol(traffic.ProtoTCP)
	own := &model.Set{Tiers: []*model.Tier{{Policies: []*model.Policy{{Origin: model.Origin{Object: diag.Object{Kind: clusterPolicyKind}}}}}}}
	tests := []struct {
		name    string
		set     *model.Set
		setting *bool
		minor   int
		rule    model.OrderedRule
		want    int
	}{
		{"labels", &model.Set{}, &on, 20, orderedRule(nil, app, account, tcp), 1},
		{"all traffic", &model.Set{}, &on, 20, orderedRule(nil, app, all, traffic.All()), 1},
		{"off", &model.Set{}, &off, 20, orderedRule(nil, app, all, tcp), 0},
		{"not known", &model.Set{}, nil, 20, orderedRule(nil, app, all, tcp), 0},
		{"an old release", &model.Set{}, &on, 19, orderedRule(nil, app, all, tcp), 0},
		{"order of its own", own, &on, 20, orderedRule(nil, app, all, tcp), 0},
		{"ICMP", &model.Set{}, &on, 20, orderedRule(nil, app, all, traffic.Protocol(traffic.ProtoTCP, traffic.ProtoICMP)), 0},
		{"cluster", &model.Set{}, &on, 20, orderedRule(nil, app, mesh, tcp), 0},
		{"no pods", &model.Set{}, &on, 20, orderedRule(nil, app, none, tcp), 0},
	}
	for _, test := range tests {
		e := newEnv(compat.Cilium, nil)
		e.Target.Version = compat.Version{Major: 1, Minor: test.minor}
		e.Facts.Cilium.ClusterNetworkPolicy = test.setting
		got := 0
		if objects := Ordered(test.set, e); objects != nil {
			got = objects(test.rule)
		}
		if got != test.want {
			t.Errorf("%s: %d objects, want %d", test.name, got, test.want)
		}
	}
}

// TestOrderedSelectorsAskForANamespace: one that only excludes would select what is no pod.
func TestOrderedSelectorsAskForANamespace(t *testing.T) {
	team := selector.Key{Kind: selector.NamespaceLabel, Name: "team"}
	got, ok := namespacedPods(selector.Where(team, selector.NotIn("money")).And(selector.Where(namespaceName, selector.NotIn("dev"))))
	want := `
- namespaceSelector:
    matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: Exists}
    - {key: kubernetes.io/metadata.name, operator: NotIn, values: [dev]}
    - {key: team, operator: NotIn, values: [money]}
  podSelector: {}`
	if got, want := canonical(t, got), canonical(t, fromYAML(t, want)); !ok || got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, ok := namespacedPods(none); ok {
		t.Error("nobody can be written")
	}
}
