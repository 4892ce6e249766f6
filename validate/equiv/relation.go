package equiv

import "github.com/policyferry/policyferry/validate/verdict"

// relation is what a comparison asks of the two sides.
type relation interface {
	// differs reports whether what the sides say at one end can make a difference on the whole.
	differs(i *inside, left, right opinion) bool
	// changes tells of traffic how the sides differ on the whole.
	changes(i *inside, m *moment) []Change
}

// sameness asks whether both sides give the same verdict.
type sameness struct{}

func (sameness) differs(i *inside, left, right opinion) bool {
	if left.action == verdict.Unknown || right.action == verdict.Unknown {
		return len(i.compare([]opinion{left}, []opinion{right})) > 0
	}
	return (left.action == verdict.Deny) != (right.action == verdict.Deny)
}

func (sameness) changes(i *inside, m *moment) []Change {
	return i.compare([]opinion{m.egress.left, m.ingress.left}, []opinion{m.egress.right, m.ingress.right})
}

// whole is the verdict on a connection, from those at its ends.
func whole(egress, ingress verdict.Action) verdict.Action {
	switch {
	case egress == verdict.Deny || ingress == verdict.Deny:
		return verdict.Deny
	case egress == verdict.Unknown || ingress == verdict.Unknown:
		return verdict.Unknown
	}
	return verdict.Allow
}
