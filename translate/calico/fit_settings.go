package calico

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// settings reports what Felix drops whatever policy allows: what pods send to their own node, if it is set to
// (felix/rules/static.go, filterWorkloadToHostChain). Not stated, the action is taken as Accept, which Calico's
// manifests and operator set.
func (f *fitter) settings(set *model.Set) {
	first := set.First()
	if first == nil {
		return
	}
	f.env.Relied.On(cluster.FactEndpointToHost)
	if f.space.facts.Calico.DefaultEndpointToHostAction == "Drop" {
		f.note(first.Origin, diag.Setting, "set defaultEndpointToHostAction to Accept or Return in the FelixConfiguration of the target",
			"Calico drops what pods send to their own node while defaultEndpointToHostAction is Drop, whatever policy allows")
	}
}
