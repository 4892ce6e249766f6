package calico

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// A form is one rule of a policy of namespace shop, and how its section is written.
type form struct {
	name      string
	direction model.Direction
	action    model.Action
	box       model.Box
	facts     func(*cluster.Facts)
	accepted  string
	// rules is what stands below ingress or egress, compactly; codes what is reported, with the effect.
	rules string
	codes string
}

var (
	api      = model.Peer{Special: model.APIServer}
	server   = func(f *cluster.Facts) { f.APIServers = []netip.AddrPort{netip.MustParseAddrPort("192.168.10.1:6443")} }
	ownNode  = model.Peer{Host: selector.All()}
	anyNode  = model.Peer{Host: selector.All(), Nodes: selector.All()}
	nothing  = func(f *cluster.Facts) { *f = cluster.Facts{} }
	withHTTP = func(b model.Box, m ...model.HTTPMatch) model.Box { b.HTTP = m; return b }
	layer7   = func(f *cluster.Facts) { f.Calico.ApplicationLayerPolicy = &trueValue }
)

var forms = []form{
	{name: "everyone", box: box(model.Anyone(), tcp(80)), rules: "Allow TCP to [80]"},
	{name: "everyone but the own node, which always gets in", box: box(withoutHost(model.Anyone()), traffic.All()), rules: "Allow"},
	{name: "pods of another namespace and pods by service account",
		box:   box(model.Pods(inNamespace("pay").And(podLabel("app", selector.NotIn("x", "y"))).Or(inNamespace("shop").And(selector.Where(selector.Key{Kind: selector.ServiceAccountName}, selector.In("robot"))))), traffic.All()),
		rules: "Allow from app not in {'x', 'y'} ns projectcalico.org/name == 'pay'\nAllow from sa [robot]"},
	{name: "namespaces by labels that may be absent", box: box(model.Pods(namespaceLabelled("team", selector.Absent())), traffic.All()),
		rules: "Allow from ns has(projectcalico.org/name) && !has(team)"},
	{name: "a world with holes", direction: model.Egress, box: box(model.World(cidr.MustParse("0.0.0.0/0").Subtract(cidr.MustParse("10.0.0.0/8"))), traffic.All()),
		rules: "Allow to nets 0.0.0.0/0 not 10.0.0.0/8,192.168.10.1/32,192.168.10.2/32"},
	{name: "the world without facts", direction: model.Egress, box: box(model.World(cidr.All()), traffic.All()), facts: nothing,
		codes: "PF3008 narrows"},
	{name: "a denied world without facts takes insiders in", direction: model.Egress, action: model.Deny, box: box(model.World(cidr.MustParse("10.0.0.0/8")), traffic.All()), facts: nothing,
		rules: "Deny to nets 10.0.0.0/8", codes: "PF3008 narrows"},
	{name: "the cluster", direction: model.Egress, box: box(model.Peer{Pods: selector.All(), Host: selector.All(), Nodes: selector.All()}, tcp(80)),
		rules: "Allow TCP to ns all() [80]\nAllow TCP to policyferry.io/set == 'nodes' ns global() [80]"},
	{name: "the own node on egress cannot be told from the others", direction: model.Egress, box: box(ownNode, traffic.All()), codes: "PF2020 narrows"},
	{name: "nor denied alone", direction: model.Egress, action: model.Deny, box: box(ownNode, traffic.All()),
		rules: "Deny to policyferry.io/set == 'nodes' ns global()", codes: "PF2020 narrows"},
	{name: "the own node on ingress needs no rule", box: box(ownNode, traffic.All()), codes: "PF2018 inert"},
	{name: "and cannot be denied", action: model.Deny, box: box(anyNode, traffic.All()),
		rules: "Deny from policyferry.io/set == 'nodes' ns global()", codes: "PF2020 opens"},
	{name: "nodes without facts", box: box(anyNode, traffic.All()), facts: nothing, codes: "PF3008 narrows"},
	{name: "denied nodes without facts", action: model.Deny, box: box(model.Peer{Nodes: selector.All()}, tcp(80)), facts: nothing,
		rules: "Deny TCP to [80]", codes: "PF3008 narrows"},
	{name: "one node", box: box(model.Peer{Nodes: nodesNamed("n2")}, traffic.All()), rules: "Allow from nets 192.168.10.2/32"},
	{name: "what only Cilium has", box: box(model.Peer{Special: model.IngressProxy | model.Health}, traffic.All()), codes: "PF2018 inert"},
	{name: "DNS names", direction: model.Egress, box: box(model.Peer{Names: []string{"example.com"}}, tcp(443)), codes: "PF2002 narrows"},
	{name: "DNS names, accepted", direction: model.Egress, box: box(model.Peer{Names: []string{"example.com"}}, tcp(443)), accepted: "PF2002",
		rules: "Allow TCP to nets 0.0.0.0/0 not 10.244.0.0/16,192.168.10.1/32,192.168.10.2/32 [443]\nAllow TCP to nets ::/0 [443]", codes: "PF2002 narrows"},
	{name: "pods of other clusters", box: box(model.Pods(selector.Where(selector.Key{Kind: selector.Cluster}, selector.In("far"))), traffic.All()), codes: "PF2026 narrows"},
	{name: "pods of this cluster", box: box(model.Pods(inNamespace("shop").And(selector.Where(selector.Key{Kind: selector.Cluster}, selector.In("default")))), traffic.All()), rules: "Allow from all()"},
	{name: "a label to which Calico gives a meaning", box: box(model.Pods(podLabel("pcns.team", selector.In("a"))), traffic.All()), codes: "PF2033 narrows"},
	{name: "the API server without facts", direction: model.Egress, box: box(api, traffic.Protocol(traffic.ProtoTCP)), facts: nothing,
		rules: "Allow TCP to service default/kubernetes", codes: "PF2019 narrows"},
	{name: "a port of the API server without facts", direction: model.Egress, box: box(api, tcp(6443)), facts: nothing, codes: "PF3008 narrows"},
	{name: "the API server on its port", direction: model.Egress, box: box(api, tcp(6443)), facts: server, rules: "Allow TCP to service default/kubernetes"},
	{name: "the API server on every port", direction: model.Egress, box: box(api, traffic.All()), facts: server,
		rules: "Allow to nets 192.168.10.1/32", codes: "PF3009 narrows"},
	{name: "the API server as a client", box: box(api, tcp(9443)), facts: server, rules: "Allow TCP from nets 192.168.10.1/32 to [9443]", codes: "PF3009 narrows"},
	{name: "requests that nobody looks at", box: withHTTP(box(model.Anyone(), tcp(80)), model.HTTPMatch{Method: "GET"}), codes: "PF2001 narrows"},
	{name: "requests", box: withHTTP(box(model.Anyone(), tcp(80)), model.HTTPMatch{Method: "GET", Path: "/a"}, model.HTTPMatch{Method: "POST", Path: "/b"}, model.HTTPMatch{Method: "PUT", Path: "/b"}),
		facts: layer7, rules: "Allow TCP to [80] GET /a\nAllow TCP to [80] POST,PUT /b"},
	{name: "named ports", direction: model.Egress, box: model.Box{Subject: selector.All(), Peer: model.Pods(inNamespace("shop")), Traffic: traffic.Protocol(traffic.ProtoTCP),
		Named: []model.NamedPort{{Protocol: traffic.ProtoTCP, Name: "http"}, {Protocol: traffic.ProtoTCP, Name: "alt"}}}, rules: "Allow TCP to all() [http alt]"},
	{name: "everything but a port", box: box(model.Anyone(), traffic.All().Subtract(tcp(22))), rules: "Allow not TCP\nAllow TCP to not [22]"},
	{name: "ICMP types and codes", box: box(model.Anyone(), traffic.ICMPMessages(4, traffic.ICMPType(8).Union(traffic.ICMPTypeCode(3, 4)))), rules: "Allow ICMP 3/4\nAllow ICMP 8"},
	{name: "ports of UDPLite", box: box(model.Anyone(), traffic.PortsOfProtocol(traffic.ProtoUDPLite, traffic.PortsOf(traffic.Range{First: 1, Last: 9}))), codes: "PF2007 narrows"},
	{name: "protocols by number", box: box(model.Anyone(), traffic.Protocol(47, 50)), rules: "Allow 47\nAllow 50"},
	{name: "too many protocols, denied", action: model.Deny, box: box(withoutHost(model.Anyone()), traffic.All().Subtract(traffic.Protocol(47, 50))), rules: "Deny", codes: "PF2008 narrows"},
}

func TestForms(t *testing.T) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			p := ciliumPolicy("shop", "p", selector.All())
			p.Sections[f.direction] = &model.Section{Isolates: true, Rules: []*model.Rule{rule(f.action, f.box)}}
			facts := known()
			if f.facts != nil {
				f.facts(facts)
			}
			e := outbound(facts)
			if f.accepted != "" {
				e.Accepted = map[string]bool{f.accepted: true}
			}
			set := unorderedSet(p)
			Fit(set, e)
			var got []string
			for _, o := range Raise(set, e) {
				if spec, ok := o.(*object).Spec.(policySpec); ok {
					for _, r := range append(spec.Ingress, spec.Egress...) {
						got = append(got, compact(r))
					}
				}
			}
			if text := strings.Join(got, "\n"); text != f.rules {
				t.Errorf("got\n%s\nwant\n%s", text, f.rules)
			}
			var found []string
			for _, x := range e.Findings.Sorted() {
				found = append(found, x.Code.ID+" "+string(x.Effect()))
				if x.Effect() == diag.Narrows && x.Hint == "" {
					t.Errorf("%s: no way out", x.String())
				}
			}
			if text := strings.Join(found, "\n"); text != f.codes {
				t.Errorf("codes: got\n%s\nwant\n%s", text, f.codes)
			}
		})
	}
}

// compact writes a rule on one line.
func compact(r policyRule) string {
	out := []string{r.Action}
	add := func(ok bool, words ...string) {
		if ok {
			out = append(out, words...)
		}
	}
	if r.Protocol != nil {
		out = append(out, r.Protocol.String())
	}
	if r.NotProtocol != nil {
		out = append(out, "not", r.NotProtocol.String())
	}
	for _, f := range []*icmpFields{r.ICMP, r.NotICMP} {
		if f != nil {
			add(f == r.NotICMP, "not")
			text := number(*f.Type)
			if f.Code != nil {
				text += "/" + number(*f.Code)
			}
			out = append(out, text)
		}
	}
	for i, e := range []*entityRule{r.Source, r.Destination} {
		if e == nil {
			continue
		}
		out = append(out, []string{"from", "to"}[i])
		add(len(e.Nets) > 0, "nets", strings.Join(e.Nets, ","))
		add(len(e.NotNets) > 0, "not", strings.Join(e.NotNets, ","))
		add(e.Selector != "", e.Selector)
		add(e.NamespaceSelector != "", "ns", e.NamespaceSelector)
		add(e.NotSelector != "", "but", e.NotSelector)
		if e.ServiceAccounts != nil {
			add(true, "sa", "["+strings.Join(e.ServiceAccounts.Names, " ")+"]"+e.ServiceAccounts.Selector)
		}
		if e.Services != nil {
			add(true, "service", e.Services.Namespace+"/"+e.Services.Name)
		}
		var ports []string
		for _, p := range append(e.Ports, e.NotPorts...) {
			ports = append(ports, p.String())
		}
		add(len(e.NotPorts) > 0, "not")
		add(len(ports) > 0, "["+strings.Join(ports, " ")+"]")
	}
	if r.HTTP != nil {
		out = append(out, strings.Join(r.HTTP.Methods, ","))
		for _, p := range r.HTTP.Paths {
			out = append(out, p.Exact+p.Prefix)
		}
	}
	return strings.Join(out, " ")
}
