package calico

import (
	"net"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

func judgeSet(problems *problem.List, o Object) {
	// The two kinds have the same spec.
	var spec v3.NetworkSetSpec
	if !read(problems, o, &spec, func() any { return new(v3.NetworkSetSpec) }) {
		return
	}
	at := problem.Root("spec").Field("nets")
	if o.Raw {
		felixSet(problems, o, spec.Nets, at)
	} else {
		setNets(problems, spec.Nets, at)
		setLabels(problems, o)
	}
	if o.Release >= 32 {
		differ(problems, spec.Nets, at)
	}
}

// setNets: unlike in a rule, a network may be a bare address or have bits beyond its prefix.
func setNets(problems *problem.List, nets []string, at *problem.Path) {
	for i, text := range nets {
		switch {
		case text == "":
			problems.Ignored(at.Item(i), "an empty network is no network")
		case !isNet(text):
			problems.Wrong(at.Item(i), "%q is neither an address nor a CIDR", text)
		}
	}
}

func isNet(text string) bool {
	_, _, err := net.ParseCIDR(text)
	return err == nil || net.ParseIP(text) != nil
}

// setLabels: the label that Calico gives a NetworkSet itself.
func setLabels(problems *problem.List, o Object) {
	meta, _ := o.Content["metadata"].(map[string]any)
	if _, ok := texts(meta["labels"])[v3.LabelNamespace]; ok {
		at := problem.Root("metadata").Field("labels").Field(v3.LabelNamespace)
		problems.Wrong(at, "the label %s is Calico's own", v3.LabelNamespace)
	}
}

// judgeStagedKubernetes judges what a StagedKubernetesNetworkPolicy has beyond a NetworkPolicy of Kubernetes.
func judgeStagedKubernetes(problems *problem.List, o Object) {
	var spec v3.StagedKubernetesNetworkPolicySpec
	if o.Raw || !read(problems, o, &spec, func() any { return new(v3.StagedKubernetesNetworkPolicySpec) }) {
		return
	}
	at := problem.Root("spec")
	stagedActionName(problems, spec.StagedAction, at)
	if spec.StagedAction != v3.StagedActionDelete {
		return
	}
	content, _ := o.Content["spec"].(map[string]any)
	for field, v := range content {
		if selector, ok := v.(map[string]any); field == "podSelector" && ok && len(selector) == 0 {
			continue
		}
		if field != "stagedAction" {
			problems.Wrong(at.Field(field), "with stagedAction Delete nothing else can be given")
		}
	}
}
