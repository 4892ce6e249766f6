package calico

import (
	"slices"

	"github.com/policyferry/policyferry/translate/selector"
)

// podEntities writes which pods are at the other end, as one entity for each combination of namespaces and service
// accounts. Every entity is bound to namespaces, so that it matches neither host endpoints nor global network sets.
func podEntities(s selector.Selector, namespace string) []entityRule {
	type group struct {
		entity entityRule
		pods   []string
	}
	var groups []*group
	for _, c := range shortClauses(s) {
		e := namespaceFields(c, namespace)
		e.ServiceAccounts = accountFields(c)
		pods := clauseText(c, fieldLabel, podPart)
		i := slices.IndexFunc(groups, func(g *group) bool {
			return g.entity.NamespaceSelector == e.NamespaceSelector && equalAccounts(g.entity.ServiceAccounts, e.ServiceAccounts)
		})
		if i < 0 {
			groups = append(groups, &group{entity: e})
			i = len(groups) - 1
		}
		groups[i].pods = append(groups[i].pods, pods)
	}
	var out []entityRule
	for _, g := range groups {
		for _, pods := range shortTexts(g.pods) {
			e := g.entity
			e.Selector = anyOf(pods)
			if e.Selector == "" && e.NamespaceSelector == "" && e.ServiceAccounts == nil {
				e.Selector = "all()"
			}
			out = append(out, e)
		}
	}
	return mergeNamespaces(out)
}

// namespaceFields is the namespace part of a clause. In a policy of the same namespace it needs no words.
func namespaceFields(c selector.Clause, namespace string) entityRule {
	if namespace != "" {
		name := selector.Key{Kind: selector.NamespaceName}
		list, finite := c.Values(name).Finite()
		if finite && slices.Equal(list, []string{namespace}) && clauseText(rest(c, name), fieldLabel, namespacePart) == "" {
			return entityRule{}
		}
	}
	return entityRule{NamespaceSelector: namespaceText(c)}
}

// accountFields is the service account part of a clause.
func accountFields(c selector.Clause) *accountMatch {
	name := selector.Key{Kind: selector.ServiceAccountName}
	list, finite := c.Values(name).Finite()
	if finite {
		return &accountMatch{Names: list, Selector: clauseText(rest(c, name), fieldLabel, accountPart)}
	}
	if text := clauseText(c, fieldLabel, accountPart); text != "" {
		return &accountMatch{Selector: text}
	}
	return nil
}

func equalAccounts(a, b *accountMatch) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Names, b.Names) && a.Selector == b.Selector
}

// mergeNamespaces writes entities that differ only in their namespaces as one. The own namespace, which has no words,
// stays apart.
func mergeNamespaces(list []entityRule) []entityRule {
	var out []entityRule
	for _, e := range list {
		i := slices.IndexFunc(out, func(o entityRule) bool {
			return o.Selector == e.Selector && equalAccounts(o.ServiceAccounts, e.ServiceAccounts) && o.NamespaceSelector != "" && e.NamespaceSelector != ""
		})
		if i < 0 {
			out = append(out, e)
			continue
		}
		if merged := anyOf([]string{out[i].NamespaceSelector, e.NamespaceSelector}); len(merged) <= maxSelector {
			out[i].NamespaceSelector = merged
		} else {
			out = append(out, e)
		}
	}
	return out
}

// Limits that Calico 3.33 puts on one rule (api/pkg/apis/projectcalico/v3/policy_common.go). They are kept for every
// release, so that an upgrade does not invalidate the output.
const (
	maxNets     = 256
	maxPorts    = 50
	maxSelector = 1024
)
