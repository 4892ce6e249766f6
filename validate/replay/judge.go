package replay

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// most is the number of connections that are tried where a log leaves open who is at an end.
const most = 100_000

// opinion is what one set says about a group.
type opinion struct {
	*Judged
	steps []verdict.Step
	// why says why there is no verdict, beside why the dataplane decides whatever policy says.
	why, beside string
}

// bench judges groups by one set.
type bench struct {
	*equiv.Side
	names bool // the set speaks of DNS names
	uses  map[ruleKey]uint64
}

// connections are all that a group may be: one, unless the log leaves open who is at an end.
func connections(of group, s *seen) (out []verdict.Connection, why string) {
	for i, p := range []*place{of.from, of.to} {
		if p.why != "" {
			return nil, [...]string{"source: ", "destination: "}[i] + p.why
		}
	}
	from, to := of.from.ends, of.to.ends
	if from == nil {
		from = []verdict.Endpoint{s.witness[0].end}
	}
	if to == nil {
		to = []verdict.Endpoint{s.witness[1].end}
	}
	if len(from)*len(to) > most {
		return nil, fmt.Sprintf("the log leaves open which of %d pairs of ends it is", len(from)*len(to))
	}
	for _, f := range from {
		for _, t := range to {
			out = append(out, verdict.Connection{
				From: f, To: t, Protocol: of.protocol, Port: of.port, SourcePort: 40000, ICMPType: of.kind, ICMPCode: of.code, IPVersion: int(of.family),
			})
		}
	}
	return out, ""
}

// judge asks the set about all that a group may be. They must agree.
func (b *bench) judge(all []verdict.Connection) opinion {
	first := b.one(all[0])
	for _, c := range all[1:] {
		if first.why != "" || first.beside != "" {
			return first
		}
		o := b.one(c)
		switch {
		case o.why != "":
			return o
		case o.beside != "" || o.Whole != first.Whole:
			return opinion{why: fmt.Sprintf("the log leaves open who it is, and the policies do not treat all alike: %s is %s, %s is not", all[0], first.Whole, c)}
		}
	}
	return first
}

func (b *bench) one(c verdict.Connection) opinion {
	if why := b.Judge.Beside(c); why != "" {
		return opinion{beside: why}
	}
	v, err := b.Judge.Judge(c)
	if err != nil {
		return opinion{why: err.Error()}
	}
	steps, err := b.Judge.Trace(c)
	if err != nil {
		return opinion{why: err.Error()}
	}
	o := opinion{Judged: &Judged{Verdict: v, Whole: verdict.Allow, By: equiv.Decisive(steps, v)}, steps: steps}
	switch {
	case !v.Allowed():
		o.Whole = verdict.Deny
		if b.learns(c, o.By) {
			o.why = "what DNS names allow is learned at run time"
		}
	case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
		o.Whole, o.why = verdict.Unknown, whyText(v.Why)
	}
	return o
}

// whyText says why a verdict is not known.
func whyText(why string) string {
	if why == "l7" {
		return "a proxy decides by what is inside the connection (L7)"
	}
	return why
}

// learns reports whether a set may allow what it denies here by default, once the names of the address are learned.
func (b *bench) learns(c verdict.Connection, by []verdict.Step) bool {
	return b.names && c.To.Addr.IsValid() && !slices.ContainsFunc(by, func(s verdict.Step) bool { return s.Ingress || s.Path != "" })
}

// use counts the rules that matched.
func (b *bench) use(o opinion, n uint64) {
	for _, s := range o.steps {
		if s.Path != "" {
			b.uses[ruleKey{s.Policy, s.Path, s.Where}] += n
		}
	}
}

// ruleKey tells rules apart.
type ruleKey struct{ policy, path, where string }

// rules lists all rules of the set with how often they were used.
func (b *bench) rules() []RuleUse {
	r, ok := b.Judge.(verdict.Ruler)
	if !ok {
		return nil
	}
	var out []RuleUse
	for _, s := range r.Rules() {
		out = append(out, RuleUse{s, b.uses[ruleKey{s.Policy, s.Path, s.Where}]})
	}
	return out
}
