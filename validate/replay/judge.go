package replay

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// most is the number of connections that are tried where a log leaves open who is at an end.
const most = 10_000

// opinion is what one set says about a group.
type opinion struct {
	*Judged
	steps []verdict.Step
	// why says why there is no verdict, beside why the dataplane decides whatever policy says.
	why, beside string
	// unlearned says that it is denied as long as no name of the address is learned.
	unlearned bool
}

// bench judges groups by one set.
type bench struct {
	*equiv.Side
	// rulesOf are the rules of the set as it was given, and where where they stand, if names were learned since.
	rulesOf []verdict.Step
	where   map[[2]string]string
	// names says that the set speaks of DNS names, known which addresses have any that are known.
	names bool
	known *fqdn.Cache
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
				From: f, To: t, Protocol: of.protocol, Port: of.port, SourcePort: cmp.Or(of.source, assumedPort),
				ICMPType: of.kind, ICMPCode: of.code, IPVersion: int(of.family),
			})
		}
	}
	return out, ""
}

// judge asks the set about all that a group may be.
func (b *bench) judge(all []verdict.Connection) []opinion {
	out := make([]opinion, len(all))
	for i, c := range all {
		out[i] = b.one(c)
	}
	return out
}

// agreed is what all opinions say. They must agree.
func agreed(all []verdict.Connection, opinions []opinion) opinion {
	first := opinions[0]
	for i, o := range opinions[1:] {
		switch {
		case first.why != "" || first.beside != "":
			return first
		case o.why != "":
			return o
		case o.beside != "" || o.Whole != first.Whole || o.Whole == verdict.Unknown:
			return opinion{why: fmt.Sprintf("the log leaves open who it is, and the policies do not treat all alike: %s is %s, %s is not", all[0], first.Whole, all[i+1])}
		}
	}
	return first
}

// possible are those of the connections that fare under the policies that were enforced as was seen; all of them if
// none does.
func possible(all []verdict.Connection, before []opinion, saw Seen) []verdict.Connection {
	if len(all) == 1 || saw == Dropped || saw == Audited {
		return all
	}
	var out []verdict.Connection
	for i, o := range before {
		if kind, _ := weigh(saw, o, nil, &seen{}); kind == Same || kind == Unjudged {
			out = append(out, all[i])
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

func (b *bench) one(c verdict.Connection) opinion {
	if why := b.Judge.Beside(c); why != "" {
		return opinion{beside: why}
	}
	v, err := b.Judge.Judge(c)
	if err != nil {
		return opinion{why: err.Error()}
	}
	steps, err := b.trace(c)
	if err != nil {
		return opinion{why: err.Error()}
	}
	o := opinion{Judged: &Judged{Verdict: v, Whole: verdict.Allow, By: equiv.Decisive(steps, v)}, steps: steps}
	switch {
	case !v.Allowed():
		o.Whole = verdict.Deny
		if b.learns(c, o.By) {
			o.why, o.unlearned = "what DNS names allow is learned at run time, and the logs tell no name of the address", true
		}
	case !v.Told():
		o.Whole, o.why = verdict.Unknown, whyText(v.Why)
	case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
		o.Whole = verdict.Unknown
	}
	return o
}

// whyText says why a verdict is not known.
func whyText(why string) string {
	switch why {
	case "l7":
		return "a proxy decides by what is inside the connection (L7)"
	case "authentication", "authentication required":
		return "whether the ends authenticate each other decides"
	}
	return why
}

// learns reports whether a set may allow what it denies here by default, once the names of the address are learned.
func (b *bench) learns(c verdict.Connection, by []verdict.Step) bool {
	return b.names && c.To.Addr.IsValid() && !b.known.Has(c.To.Addr) && !slices.ContainsFunc(by, func(s verdict.Step) bool { return s.Ingress || s.Path != "" })
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
	var out []RuleUse
	for _, s := range b.rulesOf {
		out = append(out, RuleUse{s, b.uses[ruleKey{s.Policy, s.Path, s.Where}]})
	}
	return out
}
