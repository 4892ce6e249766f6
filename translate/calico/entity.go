package calico

import (
	"fmt"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// entity is the source or destination of a rule as Felix sees it: addresses, and one selector expression.
type entity struct {
	// nets are the addresses that nets and notNets leave; every address if neither is given.
	nets cidr.Set
	// with is what the other end must match and without what it must not; nil for no condition. A positive condition
	// takes the negative one in (felix/calc/rule_scanner.go, combineMatchesIfPossible), so at most one of them is set.
	with, without *expression
}

// entityOf reads the address and selector fields of an entity rule of a policy in the namespace; empty for a global
// policy.
func entityOf(er *apiv3.EntityRule, namespace string) (entity, error) {
	out := entity{nets: cidr.All()}
	if len(er.Nets) > 0 {
		nets, err := cidr.Parse(er.Nets...)
		if err != nil {
			return out, err
		}
		out.nets = nets
	}
	notNets, err := cidr.Parse(er.NotNets...)
	if err != nil {
		return out, err
	}
	out.nets = out.nets.Subtract(notNets)
	positive, err := positiveSelector(er, namespace)
	if err != nil {
		return out, err
	}
	negative := er.NotSelector
	switch {
	case positive != "" && negative != "":
		out.with, err = parse(fmt.Sprintf("(%s) && (!(%s))", positive, negative))
	case positive != "":
		out.with, err = parse(positive)
	case negative != "":
		out.without, err = parse(negative)
	}
	return out, err
}

// positiveSelector is the one expression for all selector fields of an entity rule but notSelector
// (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go, getEndpointSelector). Calico puts it together as
// text, and so do we: all() and global() are exchanged in the text of the namespace selector.
func positiveSelector(er *apiv3.EntityRule, namespace string) (string, error) {
	spaces := ""
	if er.NamespaceSelector != "" {
		text, err := prefixedText(er.NamespaceSelector, namespacePrefix)
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, "all()", "has("+labelNamespace+")")
		spaces = strings.ReplaceAll(text, "global()", "!has("+labelNamespace+")")
	} else if namespace != "" {
		spaces = labelNamespace + " == " + quote(namespace)
	}
	accounts, err := serviceAccounts(er.ServiceAccounts)
	if err != nil {
		return "", err
	}
	own := conjunction(accounts, er.Selector)
	if spaces == "" || own == "" && er.NotSelector == "" && er.NamespaceSelector == "" {
		return own, nil
	}
	return conjunction(spaces, own), nil
}

// serviceAccounts is the expression for a list of names and a selector, both of which must hold
// (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go, parseServiceAccounts).
func serviceAccounts(m *apiv3.ServiceAccountMatch) (string, error) {
	if m == nil {
		return "", nil
	}
	names, labels := "", ""
	if len(m.Names) > 0 {
		names = (&expression{op: opIn, label: labelServiceAccount, values: m.Names}).String()
	}
	if m.Selector != "" {
		text, err := prefixedText(m.Selector, serviceAccountPrefix)
		if err != nil {
			return "", err
		}
		labels = text
	}
	return conjunction(labels, names), nil
}

// prefixedText is a selector with a prefix before every label, as Calico writes it.
func prefixedText(text, prefix string) (string, error) {
	x, err := parse(text)
	if err != nil {
		return "", err
	}
	return x.prefixed(prefix).String(), nil
}

// conjunction joins the selectors that are not empty.
func conjunction(selectors ...string) string {
	var parts []string
	for _, s := range selectors {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, ") && (") + ")"
}

// who is everyone that an entity matches, at an address of one of the families.
func (l *lowering) who(n entity, families cidr.Set) reach {
	nets := n.nets.Intersect(families)
	switch {
	case n.with != nil:
		return l.selected(n.with, nets)
	case n.without != nil:
		return l.space.who(nets).without(l.selected(n.without, nets)).settled()
	}
	return l.space.who(nets)
}

// selected is everyone whom the expression matches and whose address lies in the nets: pods by their labels; network
// sets and host endpoints by theirs, which then stand for their addresses. What is outside the cluster and in no
// set is never selected (felix/labelindex/named_port_index.go).
func (l *lowering) selected(x *expression, nets cidr.Set) reach {
	out := l.labelled(x).union(l.inventory.hostsWith(x, l.space))
	if !nets.Equal(cidr.All()) {
		out = out.and(l.space.who(nets))
	}
	sure, maybe := l.inventory.addresses(x)
	out = out.union(l.space.who(nets.Intersect(sure)))
	if maybe = maybe.Subtract(sure).Intersect(nets); !maybe.IsEmpty() {
		who := l.space.who(maybe)
		out.add(who.sure, reason{diag.NeedsFact, "whether the selector matches a network set depends on the labels of its namespace", cluster.FactNamespaces.Hint()})
		out.maybe = append(out.maybe, who.maybe...)
	}
	return out.settled()
}

// labelled is the pods, and the nodes with automatic host endpoints, whose labels match.
func (l *lowering) labelled(x *expression) reach {
	var out reach
	pods := x.pods()
	if pods.TooComplex() {
		out.add(model.Pods(selector.All()), reason{diag.SelectorForm, "the selector has too many alternatives to be followed", "split the rule into several with simpler selectors"})
	} else {
		out.sure.Pods = pods
	}
	if l.inventory.autoHosts {
		nodes := x.nodes()
		if nodes.TooComplex() {
			out.add(model.Peer{Host: selector.All(), Nodes: selector.All()}, reason{diag.SelectorForm, "the selector has too many alternatives to be followed", "split the rule into several with simpler selectors"})
		} else {
			out.sure.Host, out.sure.Nodes = nodes, nodes
		}
	}
	return out
}
