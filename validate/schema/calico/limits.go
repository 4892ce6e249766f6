package calico

import (
	"slices"
	"unicode/utf8"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Limits that the definitions of the kinds have had since Calico 3.32 (lists without repetition, http) and 3.33
// (lengths): api/pkg/apis/projectcalico/v3.
const (
	maxNets       = 256
	maxPorts      = 50
	maxSelector   = 1024
	maxRules      = 1024
	maxHTTPList   = 20
	maxHTTPPath   = 1024
	maxServiceRef = 253
)

func differ(problems *problem.List, values []string, at *problem.Path) {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			problems.Wrong(at.Item(i), "%q stands twice", v)
		}
	}
}

func atMost(problems *problem.List, what string, n, limit int, at *problem.Path) {
	if n > limit {
		problems.Wrong(at, "%d %s, %d are allowed", n, what, limit)
	}
}

// entityListsDiffer: notNets may repeat itself in 3.32.
func entityListsDiffer(e *entity) {
	if e.Release < 32 {
		return
	}
	differ(e.List, e.Nets, e.at.Field("nets"))
	if e.Release >= 33 {
		differ(e.List, e.NotNets, e.at.Field("notNets"))
	}
	if e.ServiceAccounts != nil {
		differ(e.List, e.ServiceAccounts.Names, e.at.Field("serviceAccounts").Field("names"))
	}
}

func entityListLength(e *entity) {
	if e.Release < 33 {
		return
	}
	for _, list := range e.netLists() {
		atMost(e.List, "networks", len(list.nets), maxNets, list.at)
	}
	for _, list := range e.portLists() {
		atMost(e.List, "ports", len(list.ports), maxPorts, list.at)
	}
	if e.Services != nil {
		at := e.at.Field("services")
		atMost(e.List, "characters", utf8.RuneCountInString(e.Services.Name), maxServiceRef, at.Field("name"))
		atMost(e.List, "characters", utf8.RuneCountInString(e.Services.Namespace), maxServiceRef, at.Field("namespace"))
	}
}

// entitySelectorLength: the selector over service accounts has no limit.
func entitySelectorLength(e *entity) {
	if e.Release < 33 {
		return
	}
	for _, s := range e.selectors() {
		atMost(e.List, "characters", utf8.RuneCountInString(s.text), maxSelector, e.at.Field(s.field))
	}
}

func selectorLength(p *policy) {
	if p.Release < 33 {
		return
	}
	for _, s := range p.selectors() {
		atMost(p.List, "characters", utf8.RuneCountInString(s.text), maxSelector, p.at.Field(s.field))
	}
}

func ruleCount(p *policy) {
	if p.Release < 33 {
		return
	}
	atMost(p.List, "rules", len(p.spec.Ingress), maxRules, p.at.Field("ingress"))
	atMost(p.List, "rules", len(p.spec.Egress), maxRules, p.at.Field("egress"))
}

func httpSize(r *rule) {
	if r.Release < 32 || r.HTTP == nil {
		return
	}
	at := r.at.Field("http")
	atMost(r.List, "methods", len(r.HTTP.Methods), maxHTTPList, at.Field("methods"))
	atMost(r.List, "paths", len(r.HTTP.Paths), maxHTTPList, at.Field("paths"))
	for i, path := range r.HTTP.Paths {
		at := at.Field("paths").Item(i)
		atMost(r.List, "characters", utf8.RuneCountInString(path.Exact), maxHTTPPath, at.Field("exact"))
		atMost(r.List, "characters", utf8.RuneCountInString(path.Prefix), maxHTTPPath, at.Field("prefix"))
	}
}
