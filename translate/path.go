package translate

import (
	"path"
	"strings"
)

// Path is where translate writes the object below its output directory, without the ending: namespace/kind-name; objects
// without namespace lie at the top.
func (o *Output) Path() string {
	kind := strings.ToLower(o.Object.Kind)
	if kind == "networkpolicy" && strings.HasPrefix(o.Object.APIVersion, "projectcalico.org/") {
		kind = "caliconetworkpolicy" // Kubernetes has a NetworkPolicy too, perhaps of the same name
	}
	return path.Join(safe(o.Object.Namespace), kind+"-"+safe(o.Object.Name))
}

// safe keeps a name from leaving its directory.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == 0 {
			return '-'
		}
		return r
	}, strings.TrimLeft(name, "."))
}
