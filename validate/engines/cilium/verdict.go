package cilium

import (
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
)

// opinion is the verdict for one end.
type opinion struct {
	verdict Verdict
	by      []string
	why     string
	// inside are the rules on requests and names where the verdict is left to a proxy.
	inside []string
}

// judge asks the policy of one end: subject is policed, peer is the other end.
func (e *Engine) judge(subject, peer endpoint, ingress bool, f flow) (opinion, error) {
	if subject.outside() || subject.node != nil && !e.settings.HostFirewall {
		return opinion{verdict: None}, nil
	}
	// A verdict that precedes the lookup is a pod's; on a host only what the engine cannot know stands.
	if f.verdict != "" && (subject.pod != nil || f.verdict == Unknown) {
		return opinion{verdict: f.verdict, why: f.why}, nil
	}
	if subject.node != nil && f.hostWhy != "" {
		return opinion{verdict: Unknown, why: f.hostWhy}, nil
	}
	a, err := e.agentOn(subject.home(e.cluster))
	if err != nil {
		return opinion{}, err
	}
	other, ok := a.peer(peer, subject.home(e.cluster), f.ipv6)
	if !ok {
		return opinion{verdict: Unknown, why: whyNoAddress}, nil
	}
	var m *policyMap
	if subject.pod != nil {
		m = a.podMap(subject.pod)
	} else {
		m = a.hostMap(subject.node)
	}
	return a.look(m, ingress, f, other, peer.outside()), nil
}

// peer is the identity of the other end, as seen from the subject's home.
func (a *agent) peer(e endpoint, home *node, ipv6 bool) (identity.NumericIdentity, bool) {
	if e.pod != nil {
		return a.members[e.pod].identity.ID, true
	}
	address := e.address
	if e.node != nil {
		if e.node == home && a.opts.do(localNode) {
			return identity.ReservedIdentityHost, true
		}
		if !address.IsValid() {
			address = e.node.address(ipv6)
		}
		if !address.IsValid() {
			return 0, false
		}
	}
	if known, found := a.ipcache.LookupSecIDByIP(address); found {
		return known.ID, true
	}
	return identity.GetWorldIdentityFromIP(address), true
}

// look looks a connection up in a policy map.
func (a *agent) look(m *policyMap, ingress bool, f flow, peer identity.NumericIdentity, outside bool) opinion {
	if m.err != nil {
		return opinion{verdict: Unknown, why: m.err.Error()}
	}
	if f.always {
		return opinion{verdict: Allow, why: whyFragmentation}
	}
	direction := policy.EgressKey()
	if ingress {
		direction = policy.IngressKey()
	}
	entry, origin, _ := m.distilled.Lookup(f.key(direction).WithIdentity(peer))
	o := opinion{verdict: Allow, by: a.names.of(origin)}
	switch {
	case entry.IsDeny():
		o.verdict = Deny
		if m.fqdn && outside && !ingress {
			o.why = whyFQDN
		}
	case entry.AuthRequirement.AuthType() != 0:
		o.verdict, o.why = Unknown, whyAuth
	case entry.IsRedirectEntry() && !m.passes(ingress, f, peer):
		o.verdict, o.why, o.inside = Unknown, whyL7, m.inside(ingress, f, peer)
	}
	return o
}
