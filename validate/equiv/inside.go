package equiv

import (
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// inside compares what passes of connections whose first packet does not tell, each pair of conditions once.
type inside struct{ known sync.Map }

func (i *inside) relate(left, right condition.Passing) condition.Relation {
	if len(left.Conditions)+len(right.Conditions) == 0 {
		return condition.Compare(left, right)
	}
	key := [2]string{left.Key(), right.Key()}
	if r, ok := i.known.Load(key); ok {
		return r.(condition.Relation)
	}
	r, _ := i.known.LoadOrStore(key, condition.Compare(left, right))
	return r.(condition.Relation)
}

// opinion is the verdict of one side at one end.
type opinion struct {
	action verdict.Action
	// by is why: the policies, or what is not known.
	by   string
	when *condition.Condition
}

// forget drops the policies that decided, where they make no difference. What is not known stays: it tells one unknown
// verdict from another.
func (o *opinion) forget() {
	if o.action != verdict.Unknown || o.when != nil {
		o.by = ""
	}
}

// join is what passes where all opinions let it pass; false if that is not known.
func join(opinions ...opinion) (p condition.Passing, known bool) {
	known = true
	for _, o := range opinions {
		switch {
		case o.action == verdict.Deny:
			return condition.Passing{Nothing: true}, true
		case o.action == verdict.Unknown && o.when == nil:
			known = false
		case o.action == verdict.Unknown:
			p.Conditions = append(p.Conditions, o.when)
		}
	}
	return p, known
}

// Change is a direction in which two verdicts on a connection differ.
type Change struct {
	Kind Kind
	// Example is something that passes on one side only; empty where the whole connection does.
	Example string
}

// Contrast says how two verdicts on one connection differ. Nothing is said if they do not.
func Contrast(left, right verdict.Verdict) []Change {
	return new(inside).compare(opinionsOf(left), opinionsOf(right))
}

func opinionsOf(v verdict.Verdict) []opinion {
	return []opinion{{action: v.Egress, when: v.EgressWhen}, {action: v.Ingress, when: v.IngressWhen}}
}

// compare says how what passes on the right differs from what passes on the left.
func (i *inside) compare(left, right []opinion) []Change {
	l, leftKnown := join(left...)
	r, rightKnown := join(right...)
	if !leftKnown || !rightKnown {
		return []Change{{Kind: Unjudged}}
	}
	relation := i.relate(l, r)
	if !relation.Known {
		return []Change{{Kind: Unjudged}}
	}
	var out []Change
	for _, c := range []Change{{Opens, relation.Opened}, {Closes, relation.Closed}} {
		switch c.Example {
		case "":
			continue
		case condition.Everything:
			c.Example = ""
		}
		out = append(out, c)
	}
	return out
}
