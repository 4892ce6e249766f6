package calico

import (
	"net/netip"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// readSet takes in a NetworkSet or GlobalNetworkSet. It is no object of the result: the rules that select it name
// its addresses themselves.
func (l *lowering) readSet(doc *source.Document) {
	var set apiv3.NetworkSet // GlobalNetworkSet has the same fields
	if !l.decode(doc, &set) {
		return
	}
	id, ok := l.identify(doc, &set.ObjectMeta)
	if !ok {
		return
	}
	nets, err := cidr.Parse(set.Spec.Nets...)
	if err != nil {
		l.env.Report(doc, diag.WrongValue, "spec.nets", "write addresses and prefixes such as 10.0.0.0/8", "the set cannot be used: %s", err)
		return
	}
	label := ownLabels(id.labels)
	if doc.Object.Kind == apiv3.KindNetworkSet {
		label = namespacedLabels(l.namespaceOf(doc), id.labels, l.env)
	}
	l.inventory.sets = append(l.inventory.sets, networkSet{label, nets})
	ledger := l.env.Ledger(doc)
	ledger.Carried("spec.nets")
	ledger.Carried("metadata.labels")
	ledger.Metadata()
}

// readHostEndpoint takes in a HostEndpoint.
func (l *lowering) readHostEndpoint(doc *source.Document) {
	var h apiv3.HostEndpoint
	if !l.decode(doc, &h) {
		return
	}
	id, ok := l.identify(doc, &h.ObjectMeta)
	if !ok {
		return
	}
	out := &cluster.HostEndpoint{Name: id.name, Node: h.Spec.Node, InterfaceName: h.Spec.InterfaceName, Labels: id.labels, Profiles: h.Spec.Profiles}
	for _, text := range h.Spec.ExpectedIPs {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			l.env.Report(doc, diag.WrongValue, "spec.expectedIPs", "write plain addresses", "the host endpoint cannot be used: %q is not an address", text)
			return
		}
		out.ExpectedIPs = append(out.ExpectedIPs, addr)
	}
	for _, p := range h.Spec.Ports {
		out.Ports = append(out.Ports, cluster.NamedPort{Name: p.Name, Protocol: p.Protocol.String(), Port: p.Port})
	}
	l.hosts[out.Name], l.hostDocs[out.Name] = out, doc
	ledger := l.env.Ledger(doc)
	for _, path := range []string{"spec.node", "spec.interfaceName", "spec.expectedIPs", "spec.ports", "spec.profiles", "metadata.labels"} {
		ledger.Carried(path)
	}
	ledger.Metadata()
}
