package calico

import (
	"fmt"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// section is a section of one direction.
func section(isolates bool, rules ...*model.Rule) *model.Section {
	return &model.Section{Isolates: isolates, Rules: rules}
}

// outline lists what was written, one object a line: tier and order of a policy, its types, its number of rules.
func outline(objects []any) string {
	var out []string
	for _, o := range objects {
		x, ok := o.(*object)
		if !ok {
			m := o.(map[string]any)
			out = append(out, fmt.Sprintf("%s as it is", m["kind"]))
			continue
		}
		switch spec := x.Spec.(type) {
		case tierSpec:
			out = append(out, fmt.Sprintf("Tier %s %v %s", x.Metadata.Name, spec.Order, spec.DefaultAction))
		case policySpec:
			tier := spec.Tier
			if tier == "" {
				tier = "default"
			}
			out = append(out, fmt.Sprintf("%s %s %s/%v %s %d+%d", x.Kind, strings.TrimPrefix(x.Metadata.Namespace+"/"+x.Metadata.Name, "/"), tier, *spec.Order,
				strings.Join(spec.Types, ","), len(spec.Ingress), len(spec.Egress)))
		case setSpec:
			out = append(out, fmt.Sprintf("%s %s %d", x.Kind, x.Metadata.Name, len(spec.Nets)))
		}
	}
	return strings.Join(out, "\n")
}

func TestLayout(t *testing.T) {
	allow := rule(model.Allow, box(model.Pods(inNamespace("shop")), tcp(80)))
	deny := rule(model.Deny, box(model.Pods(inNamespace("pay")), traffic.All()))
	policy := func(namespace, name string, ingress, egress *model.Section) *model.Policy {
		p := ciliumPolicy(namespace, name, selector.All())
		p.Sections = [2]*model.Section{ingress, egress}
		return p
	}
	kube := func(unchanged bool) *model.Policy {
		doc := read(t, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: k, namespace: shop, uid: x}\nspec: {podSelector: {}}\n")[0]
		p := policy("shop", "k", section(true, allow), nil)
		p.Doc, p.Object, p.Unchanged = doc, doc.Object, unchanged
		return p
	}
	for _, tt := range []struct {
		name string
		set  *model.Set
		want string
		code string
	}{
		{"allows that isolate", unorderedSet(policy("shop", "a", section(true, allow), section(true))),
			"NetworkPolicy shop/a default/1000 Ingress,Egress 1+0", ""},
		{"denies that isolate", unorderedSet(policy("shop", "a", section(true, allow, deny), section(true, deny))),
			"NetworkPolicy shop/a-deny default/100 Ingress,Egress 1+1\nNetworkPolicy shop/a default/1000 Ingress,Egress 1+0", ""},
		{"only denies that isolate", unorderedSet(policy("shop", "a", section(true, deny), nil)),
			"NetworkPolicy shop/a default/100 Ingress 1+0", ""},
		{"denies that do not isolate", unorderedSet(policy("shop", "a", section(false, deny), nil)),
			"Tier policyferry-deny 900000 Pass\nNetworkPolicy shop/policyferry-deny.a policyferry-deny/1000 Ingress 1+0", ""},
		{"denies of endpoints that others isolate", unorderedSet(policy("shop", "a", section(false, deny), nil), policy("", "b", section(true), nil)),
			"NetworkPolicy shop/a default/100 Ingress 1+0\nGlobalNetworkPolicy b default/1000 Ingress 0+0", ""},
		{"allows that do not isolate, where others do", unorderedSet(policy("shop", "a", section(false, allow), nil), policy("", "b", section(true), nil)),
			"NetworkPolicy shop/a default/1000 Ingress 1+0\nGlobalNetworkPolicy b default/1000 Ingress 0+0", ""},
		{"and where nobody does", unorderedSet(policy("shop", "a", section(false, allow), nil)), "", "PF3011"},
		{"and where others isolate some of the endpoints", unorderedSet(policy("", "a", section(false, allow), nil), policy("shop", "b", section(true, deny), nil)),
			"Tier policyferry-deny 900000 Pass\nTier policyferry-allow 950000 Pass\nGlobalNetworkPolicy policyferry-allow.a policyferry-allow/1000 Ingress 1+0\n" +
				"NetworkPolicy shop/policyferry-deny.b policyferry-deny/1000 Ingress 1+0\nNetworkPolicy shop/b default/1000 Ingress 0+0", ""},
		{"a Kubernetes policy that Calico reads alike", unorderedSet(kube(true), policy("shop", "a", section(true, deny), nil)),
			"NetworkPolicy as it is\nNetworkPolicy shop/a default/100 Ingress 1+0", ""},
		{"a Kubernetes policy that it reads otherwise", unorderedSet(kube(false)), "NetworkPolicy shop/k default/1000 Ingress 1+0", "PF3010"},
		{"the own node in one rule and the others in another", unorderedSet(policy("shop", "a", nil,
			section(true, rule(model.Allow, box(ownNode, tcp(80))), rule(model.Allow, box(model.Peer{Nodes: selector.All()}, tcp(80, 443)))))),
			"GlobalNetworkSet policyferry-nodes 2\nNetworkPolicy shop/a default/1000 Egress 0+1", "PF2020"},
		{"names", unorderedSet(policy("", "a.b", section(true), nil), policy("", "a-b", section(true), nil)),
			"GlobalNetworkPolicy a-b default/1000 Ingress 0+0\nGlobalNetworkPolicy a-b-2 default/1000 Ingress 0+0", "PF3006\nPF3006"},
		{"ordered tiers around the one without order", &model.Set{Tiers: []*model.Tier{
			{Name: "kube-admin", Default: model.Pass, Policies: []*model.Policy{policy("", "x", section(false, rule(model.Pass, box(model.Anyone(), tcp(80))), deny), nil), policy("", "y", section(false, allow), nil)}},
			unorderedSet(policy("shop", "a", section(true, allow), nil)).Tiers[0],
			{Name: "kube-baseline", Default: model.Pass, Policies: []*model.Policy{policy("", "z", section(false, deny), nil)}},
		}}, "Tier policyferry-kube-admin 800000 Pass\nTier policyferry-kube-baseline 1.100002e+06 Pass\n" +
			"GlobalNetworkPolicy policyferry-kube-admin.x policyferry-kube-admin/10 Ingress 2+0\nGlobalNetworkPolicy policyferry-kube-admin.y policyferry-kube-admin/20 Ingress 1+0\n" +
			"NetworkPolicy shop/a default/1000 Ingress 1+0\nGlobalNetworkPolicy policyferry-kube-baseline.z policyferry-kube-baseline/10 Ingress 1+0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := outbound(known())
			Fit(tt.set, e)
			if got := outline(Raise(tt.set, e)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			var found []string
			for _, f := range e.Findings.Sorted() {
				found = append(found, f.Code.ID)
			}
			if got := strings.Join(found, "\n"); got != tt.code {
				t.Errorf("codes: got %q, want %q", got, tt.code)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	var nets cidr.Set
	for i := range 300 {
		nets = nets.Union(cidr.MustParse(fmt.Sprintf("203.%d.%d.0/24", i/100, 2*(i%100))))
	}
	var ports []uint16
	for i := range uint16(60) {
		ports = append(ports, 1000+2*i)
	}
	p := ciliumPolicy("shop", "p", selector.All())
	p.Sections[model.Egress] = section(true, rule(model.Allow, box(model.World(nets), tcp(ports...))))
	e := outbound(known())
	set := unorderedSet(p)
	Fit(set, e)
	rules := 0
	for _, o := range Raise(set, e) {
		for _, r := range o.(*object).Spec.(policySpec).Egress {
			rules++
			if len(r.Destination.Nets) > maxNets || len(r.Destination.Ports) > maxPorts {
				t.Errorf("%d nets and %d ports in one rule", len(r.Destination.Nets), len(r.Destination.Ports))
			}
		}
	}
	if rules != 4 {
		t.Errorf("%d rules, want 4: two lists of nets with two lists of ports", rules)
	}
}

func TestHostPolicyNeedsHostEndpoints(t *testing.T) {
	for _, auto := range []bool{false, true} {
		p := ciliumPolicy("", "nodes", selector.All())
		p.Class, p.Subject = model.HostSubjects, selector.Where(selector.Key{Kind: selector.NodeLabel, Name: "role"}, selector.In("worker"))
		p.Sections[model.Ingress] = section(true, rule(model.Allow, box(model.Anyone(), tcp(22))))
		facts := known()
		facts.Calico.AutoHostEndpoints = &auto
		e := outbound(facts)
		set := unorderedSet(p)
		text := written(t, set, e)
		if !e.Findings.Has(diag.Opens) {
			t.Errorf("auto %v: what Calico leaves open on nodes is not reported", auto)
		}
		if want := "selector: projectcalico.org/created-by == 'calico-kube-controllers' && role == 'worker'"; strings.Contains(text, want) != auto {
			t.Errorf("auto %v: got\n%s", auto, text)
		}
	}
}
