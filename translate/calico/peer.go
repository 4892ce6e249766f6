package calico

import (
	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// sides returns the entity at the other end and the one at the policed endpoint, with their paths.
func (l *ruleLowering) sides() (other *apiv3.EntityRule, otherPath string, self *apiv3.EntityRule, selfPath string) {
	source, destination := l.path+".source", l.path+".destination"
	if l.direction == model.Ingress {
		return &l.rule.Source, source, &l.rule.Destination, destination
	}
	return &l.rule.Destination, destination, &l.rule.Source, source
}

// families is the addresses of the families for which Felix renders the rule: one whose nets or notNets have no
// entry of a family is left out for that family (felix/rules/policy.go, FilterRuleToIPVersion), also when the list
// only says what must not match.
func (l *ruleLowering) families() cidr.Set {
	r := l.rule
	out := cidr.All()
	if r.IPVersion != nil {
		out = out.Family(*r.IPVersion)
	}
	for _, list := range [][]string{r.Source.Nets, r.Source.NotNets, r.Destination.Nets, r.Destination.NotNets} {
		nets, err := cidr.Parse(list...)
		if err != nil || len(list) == 0 {
			continue
		}
		for _, v := range []int{4, 6} {
			if nets.Family(v).IsEmpty() {
				out = out.Subtract(cidr.All().Family(v))
			}
		}
	}
	return out
}

// ends is who may be at the other end.
func (l *ruleLowering) ends(families cidr.Set) []end {
	other, path, _, _ := l.sides()
	if other.Services != nil {
		return l.serviceEnds(other.Services, path+".services", families)
	}
	l.noteServiceAddresses(other.Nets, path+".nets")
	return l.endsOf(l.resolve(other, families), path)
}

// noteServiceAddresses says of addresses that all belong to Services that they match nothing: a connection has its
// backend's address by the time that policy looks at it (felix/rules/static.go; felix/bpf/polprog/pol_prog_builder.go
// for the eBPF dataplane). The rule is carried all the same: it matches nothing in Cilium either.
func (l *ruleLowering) noteServiceAddresses(nets []string, path string) {
	set, err := cidr.Parse(nets...)
	if err != nil || set.IsEmpty() || !l.space.facts.ServiceSet().ContainsSet(set) {
		return
	}
	l.env.Relied.On(cluster.FactServiceCIDRs)
	l.env.Note(l.policy.doc, diag.SelectsNothing, path, "choose the backends by label or with services",
		"these are addresses of Services, which connections no longer have when policy sees them")
}

// resolve is who an entity means.
func (l *ruleLowering) resolve(er *apiv3.EntityRule, families cidr.Set) reach {
	n, err := entityOf(er, l.policy.namespace)
	return l.resolved(n, err, families)
}

func (l *ruleLowering) resolved(n entity, err error, families cidr.Set) reach {
	if err != nil {
		var out reach
		out.add(model.Anyone(), reason{diag.WrongValue, "the field cannot be read (" + err.Error() + ")", "correct it"})
		return out
	}
	return l.who(n, families)
}

// endsOf splits what is sure of the other end from what is not.
func (l *ruleLowering) endsOf(who reach, path string) []end {
	who = who.policed(l.direction, l.action)
	var out []end
	if !who.sure.IsNobody() {
		out = append(out, end{peer: who.sure})
	}
	for _, m := range who.maybe {
		out = append(out, end{peer: m.peer, why: m.why, path: l.place(path)})
	}
	return out
}

// place is the most telling field of an entity that the rule has.
func (l *ruleLowering) place(path string) string {
	for _, f := range []string{"nets", "notNets", "selector", "namespaceSelector", "notSelector", "serviceAccounts"} {
		if l.policy.doc.Has(path + "." + f) {
			return path + "." + f
		}
	}
	if l.rule.IPVersion != nil {
		return l.path + ".ipVersion"
	}
	return path
}

// endpoints is which of the policy's subjects the rule acts on: an ingress rule's destination and an egress rule's
// source describe the policed endpoint itself.
func (l *ruleLowering) endpoints(families cidr.Set) []endpoint {
	_, _, self, path := l.sides()
	if self.Services != nil {
		return nil // no release accepts it
	}
	n, err := entityOf(self, l.policy.namespace)
	if err == nil && n.with == nil && n.without == nil && n.nets.Equal(cidr.All()) {
		return []endpoint{{subject: selector.All()}}
	}
	// Addresses of a family for which the rule is not rendered meet nobody, so they do no harm.
	n.nets = n.nets.Union(families.Complement())
	who := l.resolved(n, err, cidr.All())
	var out []endpoint
	if s := l.subjects(who.sure); !s.IsNone() {
		out = append(out, endpoint{subject: s})
	}
	for _, m := range who.maybe {
		out = append(out, endpoint{subject: l.subjects(m.peer), why: m.why, path: l.place(path)})
	}
	return out
}

// subjects is the part of a peer that belongs to the class of the policy's subjects.
func (l *ruleLowering) subjects(p model.Peer) selector.Selector {
	if l.class == model.HostSubjects {
		return p.Host
	}
	return p.Pods
}
