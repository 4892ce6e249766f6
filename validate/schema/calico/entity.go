package calico

import (
	"slices"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// entity is the source or the destination of a rule.
type entity struct {
	*rule
	*v3.EntityRule
	at     *problem.Path
	source bool
}

// entityRules are the rules of a source or destination, and since when the definition of the kind has them.
var entityRules = []struct {
	check    func(*entity)
	inSchema Release
}{
	{entitySelectors, never},
	{entityGlobalSelector, 33},
	{globalStandsAlone, never},
	{portNumbers, never},
	{nets, never},
	{catchAllNet, never},
	{serviceName, never},
	{serviceFields, never},
	{serviceStandsAlone, 33},
	{serviceAccountNames, never},
	{entityListsDiffer, 32},
	{entitySelectorLength, 33},
	{entityListLength, 33},
}

func (r *rule) judgeEntity(e *v3.EntityRule, at *problem.Path, source bool) {
	entity := &entity{rule: r, EntityRule: e, at: at, source: source}
	for _, check := range entityRules {
		if !r.Raw || r.Release >= check.inSchema {
			check.check(entity)
		}
	}
	if r.Raw {
		felixEntity(entity)
	}
}

// selectors are the selectors of the entity by the names of their fields.
func (e *entity) selectors() []named {
	return []named{
		{"selector", e.Selector},
		{"notSelector", e.NotSelector},
		{"namespaceSelector", e.NamespaceSelector},
	}
}

// serviceAccountSelector is the selector over service accounts, and its place.
func (e *entity) serviceAccountSelector() (string, *problem.Path) {
	at := e.at.Field("serviceAccounts").Field("selector")
	if e.ServiceAccounts == nil {
		return "", at
	}
	return e.ServiceAccounts.Selector, at
}

// serviceAccountNames: Felix turns the names into a selector and, if that cannot be read, goes on without it, which
// admits every service account (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go).
func serviceAccountNames(e *entity) {
	if e.ServiceAccounts == nil {
		return
	}
	for i, name := range e.ServiceAccounts.Names {
		if slices.Contains([]byte(name), '\'') {
			e.Ignored(e.at.Field("serviceAccounts").Field("names").Item(i), "%q has a quote in it, for which all the names are passed over", name)
		}
	}
}
