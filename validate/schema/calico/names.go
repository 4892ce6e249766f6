package calico

import (
	"maps"
	"slices"
	"strings"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

const lowerCase = "abcdefghijklmnopqrstuvwxyz0123456789-"

// isLabel reports whether a name is lower case letters, digits and, inside, hyphens.
func isLabel(name string) bool {
	return name != "" && !strings.HasPrefix(name, "-") && !strings.HasSuffix(name, "-") && only(name, lowerCase)
}

// isName reports whether a name is labels joined by dots.
func isName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isTieredName reports whether a name is a label that may be led by that of a tier.
func isTieredName(name string) bool { return isName(name) && strings.Count(name, ".") <= 1 }

// isWord reports whether a text is up to limit letters, digits, underscores, dots and hyphens, in any order.
func isWord(text string, limit int) bool {
	return text != "" && len(text) <= limit && only(text, lowerCase+"ABCDEFGHIJKLMNOPQRSTUVWXYZ_.")
}

func only(text, characters string) bool { return strings.Trim(text, characters) == "" }

// formatted reports whether the name is one that Calico makes itself, from policies of Kubernetes or OpenStack.
func formatted(name string) bool {
	return slices.ContainsFunc([]string{"knp.default.", "kanp.adminnetworkpolicy.", "kbanp.baselineadminnetworkpolicy.", "ossg."},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// metadata judges what every object of Calico has. The API server's own rules are a little different and come on top.
func metadata(problems *problem.List, content map[string]any) {
	meta, _ := content["metadata"].(map[string]any)
	at := problem.Root("metadata")
	name, _ := meta["name"].(string)
	switch {
	case name == "":
		problems.Wrong(at.Field("name"), "the object has no name")
	case len(name) > validation.DNS1123SubdomainMaxLength:
		problems.Wrong(at.Field("name"), "the name has %d characters, %d are allowed", len(name), validation.DNS1123SubdomainMaxLength)
	}
	subdomain(problems, name, at.Field("name"))
	annotations(problems, texts(meta["annotations"]), at.Field("annotations"))
}

// annotationsLimit is the size of all annotations together.
const annotationsLimit = 256 << 10

func annotations(problems *problem.List, values map[string]string, at *problem.Path) {
	size := 0
	for _, key := range slices.Sorted(maps.Keys(values)) {
		size += len(key) + len(values[key])
		for _, message := range validation.IsQualifiedName(strings.ToLower(key)) {
			message, _, _ = strings.Cut(message, " (e.g.")
			problems.Wrong(at.Field(key), "%q: %s", key, message)
		}
	}
	if size > annotationsLimit {
		problems.Wrong(at, "the annotations have %d bytes together, %d are allowed", size, annotationsLimit)
	}
}

// texts reads a mapping of text to text.
func texts(v any) map[string]string {
	fields, _ := v.(map[string]any)
	out := make(map[string]string, len(fields))
	for key, v := range fields {
		if s, ok := v.(string); ok {
			out[key] = s
		}
	}
	return out
}

// policyName: a name may have one dot, after the name of a tier. Before Calico 3.29 it had none.
func policyName(p *policy) {
	at := problem.Root("metadata").Field("name")
	if rest, ok := generated(p.Name); ok && !p.global() && isName(rest) {
		return
	}
	switch {
	case p.Release < 29 && !isLabel(p.Name):
		p.Wrong(at, "%q: before Calico 3.29 the name of a policy is lower case letters, digits and -", p.Name)
	case !isTieredName(p.Name):
		p.Wrong(at, "%q: the name of a policy is lower case letters, digits and -, with one dot at most, after the tier", p.Name)
	}
}

// stagedName: Calico stages policies of Kubernetes as a kind of their own.
func stagedName(p *policy) {
	if p.Kind == v3.KindStagedNetworkPolicy && strings.HasPrefix(p.Name, "knp.default.") {
		p.Wrong(problem.Root("metadata").Field("name"), "%q: a staged policy cannot be named like a policy of Kubernetes", p.Name)
	}
}

// generated cuts the prefix off the name of a namespaced policy that Calico has made.
func generated(name string) (string, bool) {
	if rest, ok := strings.CutPrefix(name, "knp.default."); ok {
		return rest, true
	}
	return strings.CutPrefix(name, "ossg.default.")
}

// tierPrefix: from Calico 3.29 to 3.31 the tier is taken from the name, which must fit what the policy says
// (libcalico-go/lib/names/policy.go).
func tierPrefix(p *policy) {
	if p.Release < 29 || p.Release >= 32 || formatted(p.Name) {
		return
	}
	tier := p.spec.Tier
	if tier == "" {
		tier = "default"
	}
	prefix, _, dotted := strings.Cut(p.Name, ".")
	if dotted && prefix == tier || !dotted && tier == "default" {
		return
	}
	at := problem.Root("metadata").Field("name")
	p.Wrong(at, "%q: the name of a policy of tier %s begins with %s. before Calico 3.32", p.Name, tier, tier)
}

func tierName(p *policy) { subdomain(p.List, p.spec.Tier, p.at.Field("tier")) }
