package cilium

import (
	"slices"
	"strings"
	"sync"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// judge answers for one set of policies in one cluster. It is safe for concurrent use.
type judge struct {
	settings *settings
	rules    []*rule
	world    *world
	rejected []verdict.Rejection
	// groupDocuments are the CIDR groups as they were given.
	groupDocuments []*source.Document
	// byNamespace are the rules that can police somebody in a namespace, found when they are first needed.
	byNamespace sync.Map
	indexed     sync.Once
	index       map[string][]int // of rules, by the namespace that they are confined to
}

// New returns a judge for the policies among the documents: CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy,
// NetworkPolicy and, if the setting is on, ClusterNetworkPolicy, with the CiliumCIDRGroups that they refer to. Other
// documents are passed over, and so is what an agent rejects and therefore does not enforce.
// The judge is a verdict.Partitioner.
func New(docs []*source.Document, facts *cluster.Facts) (verdict.Partitioner, error) {
	if facts == nil {
		facts = &cluster.Facts{}
	}
	s, err := newSettings(facts)
	if err != nil {
		return nil, err
	}
	b := &builder{settings: s, facts: facts, seen: map[string]bool{}}
	for _, doc := range docs {
		if err := b.add(doc); err != nil {
			return nil, err
		}
	}
	return &judge{
		settings: s, rules: b.rules, world: newWorld(s, facts, b.rules, b.groups), rejected: b.rejections,
		groupDocuments: b.groupDocuments,
	}, nil
}

// Rejected implements verdict.Rejecter.
func (j *judge) Rejected() []verdict.Rejection { return slices.Clone(j.rejected) }

// Judge implements verdict.Judge.
func (j *judge) Judge(c verdict.Connection) (verdict.Verdict, error) {
	from, to, err := j.ends(c)
	if err != nil {
		return verdict.Verdict{}, err
	}
	if from.same(to) {
		// Traffic to itself stays in its network namespace.
		return verdict.Verdict{Egress: verdict.None, Ingress: verdict.None}, nil
	}
	p := j.packet(from, to, c)
	egress, ingress := j.judge(from, to, false, p), j.judge(to, from, true, p)
	out := verdict.Verdict{Egress: egress.action, Ingress: ingress.action, EgressBy: egress.by, IngressBy: ingress.by, EgressWhen: egress.when, IngressWhen: ingress.when}
	var why []string
	for _, d := range []decision{egress, ingress} {
		if d.why != "" && !slices.Contains(why, d.why) {
			why = append(why, d.why)
		}
	}
	out.Why = strings.Join(why, "; ")
	return out, nil
}

// judge decides at one end of the connection, self; other is the opposite end.
func (j *judge) judge(self, other end, ingress bool, p *packet) decision {
	if self.pod == nil && (self.node == nil || !j.settings.hostFirewall) {
		return decision{action: verdict.None}
	}
	if p.unknown != "" {
		return decision{action: verdict.Unknown, why: p.unknown}
	}
	if self.pod != nil && p.dropped {
		return decision{action: verdict.Deny}
	}
	s := self.subject()
	j.compute(s, self.pod == nil)
	d := &s.egress
	if ingress {
		d = &s.ingress
	}
	if p.passes && d.broken == "" {
		return decision{action: verdict.Allow}
	}
	return d.decide(s, j.identity(self, other, p.is4), &p.traffic)
}

// compute finds the rules of a subject, once.
func (j *judge) compute(s *subject, host bool) {
	s.once.Do(func() {
		namespace, _ := s.identity.lookup(sourceK8s, keyNamespace)
		s.compute(j.settings, j.in(namespace), host)
	})
}

// in are the rules that can police somebody in a namespace.
func (j *judge) in(namespace string) []*rule {
	if known, ok := j.byNamespace.Load(namespace); ok {
		return known.([]*rule)
	}
	j.indexed.Do(func() {
		j.index = map[string][]int{}
		for i, r := range j.rules {
			j.index[r.namespace] = append(j.index[r.namespace], i)
		}
	})
	at := j.index[""]
	if namespace != "" {
		at = slices.Sorted(slices.Values(slices.Concat(at, j.index[namespace])))
	}
	out := make([]*rule, len(at))
	for i, n := range at {
		out[i] = j.rules[n]
	}
	j.byNamespace.Store(namespace, out)
	return out
}

// identity is the other end as seen from self.
func (j *judge) identity(self, other end, is4 bool) *identity {
	switch {
	case other.pod != nil:
		return other.pod.identity
	case other.node == nil:
		return j.world.addressIdentity(other.addr)
	}
	return j.world.nodeIdentity(other.node, self.onNode(other.node), other.address(is4))
}
