package cilium

import (
	"fmt"
	"slices"
	"strings"
)

// Engine answers connections for one set of policies in one cluster.
type Engine struct {
	cluster  *Cluster
	settings Settings
	opts     Options
	policies []*policyObject
	with     parsing
	rejected []Rejection
	agents   map[view]*agent
}

// New builds an engine from the documents of policies and those of the cluster. CIDR groups and other objects
// that are no policies count wherever they are given; policies count only among the policies.
func New(policies, cluster []Document, opts Options) (*Engine, error) {
	c, err := NewCluster(slices.Concat(policies, cluster))
	if err != nil {
		return nil, err
	}
	e := &Engine{cluster: c, settings: c.facts.Settings, opts: opts, agents: map[view]*agent{}}
	if err := configure(e.settings, c.enabled, opts); err != nil {
		return nil, err
	}
	e.with.cluster = e.settings.selectorCluster(opts)
	if e.with.services, err = newServiceTables(c, opts); err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	decoded, rejected, err := decodePolicies(policies, e.settings, opts)
	if err != nil {
		return nil, err
	}
	e.rejected = rejected
	for _, p := range decoded {
		if _, err := p.parse(e.with); err != nil {
			e.rejected = append(e.rejected, Rejection{p.kind, p.namespace, p.name, err})
			continue
		}
		e.policies = append(e.policies, p)
	}
	slices.SortFunc(e.rejected, func(a, b Rejection) int { return strings.Compare(a.String(), b.String()) })
	return e, nil
}

// Rejected are the policies that an agent would not enforce, because Cilium's validation refuses them.
func (e *Engine) Rejected() []Rejection { return e.rejected }

// Version is the release of Cilium whose code answers.
const Version = "1.20.1"

// Notes are what a reader of the answers should know.
func (e *Engine) Notes() []string {
	if stated := e.settings.Version; stated != "" && stated != Version {
		return []string{fmt.Sprintf("the facts say Cilium %s, the answers are those of %s", stated, Version)}
	}
	return nil
}

// Fault is an error of the engine, not of what it was asked.
type Fault struct{ Err error }

// Error says what went wrong.
func (f Fault) Error() string { return "fault: " + f.Err.Error() }

// Unwrap returns the cause.
func (f Fault) Unwrap() error { return f.Err }

// agentOn returns the agent of a node, building it when it is first asked.
func (e *Engine) agentOn(n *node) (*agent, error) {
	v := e.viewFrom(n)
	if a := e.agents[v]; a != nil {
		return a, nil
	}
	a, err := newAgent(e.cluster, e.policies, e.with, v, e.opts)
	if err != nil {
		return nil, Fault{err}
	}
	e.agents[v] = a
	return a, nil
}

// Answer judges a connection at both ends. The error is one of the question, an end that does not exist, or a
// Fault.
func (e *Engine) Answer(c Connection) (Answer, error) {
	from, err := e.cluster.endpoint(c.From)
	if err != nil {
		return Answer{}, fmt.Errorf("from: %w", err)
	}
	to, err := e.cluster.endpoint(c.To)
	if err != nil {
		return Answer{}, fmt.Errorf("to: %w", err)
	}
	if verdict, why := e.unasked(from, to); verdict != "" {
		return answer(opinion{verdict: verdict, why: why}, opinion{verdict: verdict}), nil
	}
	ipv6, ok := family(c, from, to)
	f := newFlow(c, ipv6, e.settings)
	switch {
	case !ok:
		f.verdict, f.why = Unknown, whyFamily
	case ipv6 && !e.cluster.enabled.ipv6, !ipv6 && !e.cluster.enabled.ipv4:
		f.verdict, f.why = Unknown, whyFamilyOff
	}
	egress, err := e.judge(from, to, false, f)
	if err != nil {
		return Answer{}, err
	}
	ingress, err := e.judge(to, from, true, f)
	if err != nil {
		return Answer{}, err
	}
	return answer(egress, ingress), nil
}

// unasked recognises connections that no policy is ever asked about.
func (e *Engine) unasked(from, to endpoint) (Verdict, string) {
	for _, end := range []endpoint{from, to} {
		if end.pod != nil && end.pod.finished() {
			return None, whyFinished
		}
	}
	if from.same(to) {
		return None, whyItself
	}
	return "", ""
}

// family chooses the address family: the one asked for, the one that the ICMP protocol belongs to, or the
// one both ends have, IPv4 first.
func family(c Connection, from, to endpoint) (ipv6, ok bool) {
	both := func(ipv6 bool) bool { return from.speaks(ipv6) && to.speaks(ipv6) }
	switch {
	case c.IPVersion == 4 || c.IPVersion == 6:
		return c.IPVersion == 6, both(c.IPVersion == 6)
	case c.Protocol == protocolICMP:
		return false, both(false)
	case c.Protocol == protocolICMPv6:
		return true, both(true)
	case both(false):
		return false, true
	default:
		return true, both(true)
	}
}

// answer puts the two ends together.
func answer(egress, ingress opinion) Answer {
	why := egress.why
	if ingress.why != "" && ingress.why != why {
		if why != "" {
			why += "; "
		}
		why += ingress.why
	}
	return Answer{
		Egress: egress.verdict, EgressBy: orEmpty(egress.by),
		Ingress: ingress.verdict, IngressBy: orEmpty(ingress.by),
		Why: why, EgressInside: egress.inside, IngressInside: ingress.inside,
	}
}

// orEmpty makes an empty list of no list, for JSON.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
