package snapshot

import (
	"cmp"
	"regexp"
	"strings"
)

// made are the beginnings of the names under which Calico keeps what it has made of other policies
// (libcalico-go/lib/names/policy.go). An object with such a name is none that a user has written.
var made = []string{"knp.default.", "kanp.adminnetworkpolicy.", "kbanp.baselineadminnetworkpolicy.", "kcnp.", "ossg.default."}

// partsOf takes the name of an object apart. Calico reads the names of its policies: what they begin with says who has
// made them or to which tier they belong, and a dot where none may be has them refused. Other names have one part.
func partsOf(o *Object, content fields, name string) (kept string, parts []string) {
	if group := groupOf(o.APIVersion); group != calicoGroup && group != calicoStore || !strings.HasSuffix(o.Kind, "NetworkPolicy") {
		return "", []string{name}
	}
	for _, prefix := range made {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return prefix, strings.Split(rest, ".")
		}
	}
	spec, _ := content["spec"].(fields)
	tier, _ := spec["tier"].(string)
	tier = cmp.Or(tier, "default")
	if rest, ok := strings.CutPrefix(name, tier+"."); ok {
		return "", append([]string{tier}, strings.Split(rest, ".")...)
	}
	return "", strings.Split(name, ".")
}

var (
	// label is what may stand between the dots of a name, subdomain a name of most kinds.
	label     = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
)

// name renames the name of an object. One that its API refuses is refused afterwards, and one that it takes is taken:
// names may be longer than the values of labels.
func (a *anonymiser) name(o *Object, content fields, name string) string {
	if o.Kind == "Profile" {
		return a.profile(name)
	}
	kept, parts := partsOf(o, content, name)
	form := subdomain
	if len(parts) > 1 || kept != "" || strings.HasSuffix(o.Kind, "NetworkPolicy") && groupOf(o.APIVersion) != "networking.k8s.io" || o.Kind == "Tier" {
		form = label
	}
	for i, part := range parts {
		parts[i] = strings.TrimSuffix(a.word(part), misfitting)
		if part != "" && (!form.MatchString(part) || len(name) > 253) {
			parts[i] += misfitting
		}
	}
	return kept + strings.Join(parts, ".")
}

// profile renames the name of a profile, which says of whom it is: kns.NAMESPACE, or ksa.NAMESPACE.SERVICEACCOUNT.
func (a *anonymiser) profile(name string) string {
	if namespace, ok := strings.CutPrefix(name, "kns."); ok {
		return "kns." + a.word(namespace)
	}
	if account, ok := strings.CutPrefix(name, "ksa."); ok {
		namespace, account, _ := strings.Cut(account, ".")
		return "ksa." + a.word(namespace) + "." + a.word(account)
	}
	return a.word(name)
}
