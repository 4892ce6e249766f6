package calico

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
)

// subjects lists the policies of a set with whom they select, leaving out what stands for no document.
func subjects(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "  ") && strings.Contains(line, " on ") && !strings.Contains(line, "policyferry-") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "\n")
}

func TestHostSubjects(t *testing.T) {
	auto := func() *cluster.Facts {
		f := known()
		f.Calico.AutoHostEndpoints = &trueValue
		return f
	}
	one := func() *cluster.Facts {
		f := known()
		f.HostEndpoints = map[string]*cluster.HostEndpoint{
			"all":  {Name: "all", Node: "n1", InterfaceName: "*", Labels: map[string]string{"role": "edge"}},
			"eth0": {Name: "eth0", Node: "n2", InterfaceName: "eth0", Labels: map[string]string{"role": "edge"}},
		}
		return f
	}
	for _, tt := range []struct {
		name, spec string
		facts      func() *cluster.Facts
		want       string
		codes      string
	}{
		{"nothing is known of host endpoints", "{types: [Ingress], selector: role == 'edge'}", known,
			"GlobalNetworkPolicy g on pods label role {edge}", ""},
		{"all() beside a namespaceSelector leaves hosts out", "{types: [Ingress], selector: all(), namespaceSelector: team != 'a'}", auto,
			"GlobalNetworkPolicy g on pods namespace label team !{a}?", ""},
		{"an empty selector beside one does not", "{types: [Ingress], namespaceSelector: team != 'a'}", auto,
			"GlobalNetworkPolicy g on pods namespace label team !{a}?\nGlobalNetworkPolicy g on hosts all", "PF2020 spec"},
		{"nodes by label", "{types: [Ingress], selector: has(node-role)}", auto,
			"GlobalNetworkPolicy g on pods label node-role !{}\nGlobalNetworkPolicy g on hosts node label node-role !{}", "PF2020 spec"},
		{"one interface of a node", "{types: [Ingress], selector: role == 'edge'}", one,
			"GlobalNetworkPolicy g on pods label role {edge}\nGlobalNetworkPolicy g on hosts node name {n1}", "PF2020 spec\nPF2013 spec.interfaceName\nPF2020 spec\nPF2013 spec.selector"},
		{"forwarded traffic", "{types: [Ingress], applyOnForward: true}", auto,
			"GlobalNetworkPolicy g on pods all\nGlobalNetworkPolicy g on hosts all", "PF2020 spec\nPF2013 spec.applyOnForward"},
		{"untracked policy", "{types: [Ingress], applyOnForward: true, doNotTrack: true}", auto, "", "PF2013 spec.doNotTrack"},
		{"nobody at all", "{types: [Ingress], selector: '!has(projectcalico.org/orchestrator)'}", known,
			"GlobalNetworkPolicy g on pods none", "PF3014 spec.selector"},
	} {
		e := surroundings(tt.facts())
		set := lowerText(t, globalText(tt.spec), e)
		if got := subjects(dump(set)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
		if got := codes(e); got != tt.codes {
			t.Errorf("%s: got codes\n%s\nwant\n%s", tt.name, got, tt.codes)
		}
	}
}

func TestPodsDoNotReachTheirNodeWhereFelixDropsThat(t *testing.T) {
	f := known()
	f.Calico.DefaultEndpointToHostAction = "Drop"
	set := lowerText(t, globalText("{types: [Egress], egress: [{action: Allow}]}"), surroundings(f))
	if got := ruleBoxes(set); got != "deny all | own node (all) | all traffic\nallow all | anyone | all traffic" {
		t.Errorf("got\n%s", got)
	}
}
