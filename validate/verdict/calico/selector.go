package calico

import (
	"fmt"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/selector/parser"
)

// Calico evaluates one selector for each policy and each entity of a rule. It builds them as text, from the fields
// that users write, and so do we: what `all()` means depends on textual replacement.

// namespaceSubject is whom a NetworkPolicy selects (updateprocessors/networkpolicyprocessor.go).
func namespaceSubject(spec *apiv3.NetworkPolicySpec, namespace string) string {
	own := fmt.Sprintf("%s == '%s'", labelNamespace, namespace)
	return and(and(spec.Selector, own), prefixed(spec.ServiceAccountSelector, prefixAccount))
}

// globalSubject is whom a GlobalNetworkPolicy selects. With a namespaceSelector, every all() in the whole text means
// "in a namespace"; with a serviceAccountSelector every all() that is left means "has a service account"
// (updateprocessors/globalnetworkpolicyprocessor.go).
func globalSubject(spec *apiv3.GlobalNetworkPolicySpec) string {
	s := spec.Selector
	if spec.NamespaceSelector != "" {
		s = and(s, prefixed(spec.NamespaceSelector, prefixNamespace))
		s = strings.ReplaceAll(s, "all()", "has("+labelNamespace+")")
	}
	if spec.ServiceAccountSelector != "" {
		s = and(s, prefixed(spec.ServiceAccountSelector, prefixAccount))
		s = strings.ReplaceAll(s, "all()", "has("+labelServiceAccount+")")
	}
	return s
}

// peerSelector is whom the source or destination of a rule selects; empty means that the rule asks for nobody in
// particular (updateprocessors/rules.go, getEndpointSelector). In a namespaced policy, selectors without
// namespaceSelector mean its own namespace. A notSelector alone is scoped likewise.
func peerSelector(e *apiv3.EntityRule, namespace string) string {
	where := ""
	switch {
	case e.NamespaceSelector != "":
		where = prefixed(e.NamespaceSelector, prefixNamespace)
		where = strings.ReplaceAll(where, "all()", "has("+labelNamespace+")")
		where = strings.ReplaceAll(where, "global()", "!has("+labelNamespace+")")
	case namespace != "":
		where = fmt.Sprintf("%s == '%s'", labelNamespace, namespace)
	}
	who := serviceAccounts(e.ServiceAccounts)
	if who != "" && e.Selector != "" {
		who = "(" + who + ") && (" + e.Selector + ")"
	} else {
		who += e.Selector
	}
	switch {
	case where == "" || who == "" && e.NotSelector == "" && e.NamespaceSelector == "":
		return who
	case who == "":
		return where
	}
	return "(" + where + ") && (" + who + ")"
}

// serviceAccounts joins names and selector: both must match (updateprocessors/rules.go, parseServiceAccounts).
func serviceAccounts(m *apiv3.ServiceAccountMatch) string {
	if m == nil {
		return ""
	}
	s := prefixed(m.Selector, prefixAccount)
	if len(m.Names) == 0 {
		return s
	}
	return and(s, fmt.Sprintf("%s in { '%s' }", labelServiceAccount, strings.Join(m.Names, "', '")))
}

// prefixed puts a prefix before every label of a selector. A selector that does not parse is dropped, which only
// happens to raw objects (updateprocessors/selectors.go, parseSelectorAttachPrefix).
func prefixed(text, prefix string) string {
	if text == "" {
		return ""
	}
	s, err := parser.Parse(text)
	if err != nil {
		return ""
	}
	s.AcceptVisitor(parser.PrefixVisitor{Prefix: prefix})
	return s.String()
}

// and joins two selectors, either of which may be empty.
func and(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return "(" + a + ") && (" + b + ")"
}
