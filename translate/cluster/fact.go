package cluster

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Fact names one thing that may be known about a cluster. Its text is the key below spec of a ClusterFacts document,
// or the plural of the kind whose objects show it.
type Fact string

// The facts.
const (
	FactNamespaces      Fact = "namespaces"
	FactServiceAccounts Fact = "serviceAccounts"
	FactPods            Fact = "pods"
	FactNodes           Fact = "nodes"
	FactServices        Fact = "services"
	FactHostEndpoints   Fact = "hostEndpoints"

	FactPodCIDRs     Fact = "podCIDRs"
	FactServiceCIDRs Fact = "serviceCIDRs"
	FactNodeCIDRs    Fact = "nodeCIDRs"
	FactAPIServers   Fact = "apiServers"
	FactComplete     Fact = "complete"

	FactCalicoVersion          Fact = "calico.version"
	FactDataplane              Fact = "calico.dataplane"
	FactEndpointToHost         Fact = "calico.defaultEndpointToHostAction"
	FactApplicationLayerPolicy Fact = "calico.applicationLayerPolicy"
	FactFailsafeInbound        Fact = "calico.failsafeInboundHostPorts"
	FactFailsafeOutbound       Fact = "calico.failsafeOutboundHostPorts"
	FactAutoHostEndpoints      Fact = "calico.autoHostEndpoints"

	FactCiliumVersion        Fact = "cilium.version"
	FactClusterName          Fact = "cilium.clusterName"
	FactEnforcementMode      Fact = "cilium.policyEnforcementMode"
	FactCIDRMatchMode        Fact = "cilium.policyCIDRMatchMode"
	FactIdentityLabels       Fact = "cilium.labels"
	FactHostFirewall         Fact = "cilium.hostFirewall"
	FactClusterNetworkPolicy Fact = "cilium.clusterNetworkPolicy"
	FactNodeSelectorLabels   Fact = "cilium.nodeSelectorLabels"
	FactDefaultLocalCluster  Fact = "cilium.defaultLocalCluster"
	FactSCTP                 Fact = "cilium.sctp"
	FactExtendedProtocols    Fact = "cilium.extendedProtocols"
	FactL7Proxy              Fact = "cilium.l7Proxy"
	FactNonDefaultDeny       Fact = "cilium.nonDefaultDeny"
)

// factTable says of each fact where it is shown other than in ClusterFacts, and how it reads in a report. An empty
// text means that it is not known.
var factTable = map[Fact]struct {
	shownBy string
	text    func(*Facts) string
}{
	FactNamespaces:      {"kubectl get namespaces -o yaml", func(f *Facts) string { return count(f.Namespaces) }},
	FactServiceAccounts: {"kubectl get serviceaccounts -A -o yaml", func(f *Facts) string { return count(f.ServiceAccounts) }},
	FactPods:            {"kubectl get pods -A -o yaml", func(f *Facts) string { return count(f.Pods) }},
	FactNodes:           {"kubectl get nodes -o yaml", func(f *Facts) string { return count(f.Nodes) }},
	FactServices:        {"kubectl get services,endpointslices -A -o yaml", func(f *Facts) string { return count(f.Services) }},
	FactHostEndpoints: {"kubectl get hostendpoints -o yaml and kubectl get kubecontrollersconfigurations -o yaml",
		func(f *Facts) string { return hostEndpointsText(f) }},

	FactPodCIDRs:     {"kubectl get ippools -o yaml, or cilium-config", func(f *Facts) string { return prefixes(f.PodCIDRs) }},
	FactServiceCIDRs: {"kubectl get servicecidrs -o yaml", func(f *Facts) string { return prefixes(f.ServiceCIDRs) }},
	FactNodeCIDRs:    {"kubectl get nodes -o yaml", func(f *Facts) string { return prefixes(f.NodeCIDRs) }},
	FactAPIServers:   {"kubectl get endpointslices -n default -o yaml", func(f *Facts) string { return apiServersText(f) }},
	FactComplete:     {"", func(f *Facts) string { return onlyTrue(f.Complete) }},

	FactCalicoVersion:          {"kubectl get clusterinformations -o yaml, or policyferry snapshot", func(f *Facts) string { return f.Calico.Version }},
	FactDataplane:              {"kubectl get felixconfigurations -o yaml", func(f *Facts) string { return f.Calico.Dataplane }},
	FactEndpointToHost:         {"kubectl get felixconfigurations -o yaml", func(f *Facts) string { return f.Calico.DefaultEndpointToHostAction }},
	FactApplicationLayerPolicy: {"", func(f *Facts) string { return flagText(f.Calico.ApplicationLayerPolicy) }},
	FactFailsafeInbound:        {"kubectl get felixconfigurations -o yaml", func(f *Facts) string { return listText(f.Calico.FailsafeInbound, f.Calico.FailsafeInbound != nil) }},
	FactFailsafeOutbound:       {"kubectl get felixconfigurations -o yaml", func(f *Facts) string { return listText(f.Calico.FailsafeOutbound, f.Calico.FailsafeOutbound != nil) }},
	FactAutoHostEndpoints:      {"kubectl get kubecontrollersconfigurations -o yaml", func(f *Facts) string { return flagText(f.Calico.AutoHostEndpoints) }},

	FactCiliumVersion:        {"policyferry snapshot", func(f *Facts) string { return f.Cilium.Version }},
	FactClusterName:          {ciliumConfig, func(f *Facts) string { return f.Cilium.ClusterName }},
	FactEnforcementMode:      {ciliumConfig, func(f *Facts) string { return f.Cilium.EnforcementMode }},
	FactCIDRMatchMode:        {ciliumConfig, func(f *Facts) string { return listText(f.Cilium.CIDRMatchMode, f.Cilium.CIDRMatchModeKnown) }},
	FactIdentityLabels:       {ciliumConfig, func(f *Facts) string { return f.Cilium.IdentityLabels }},
	FactHostFirewall:         {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.HostFirewall) }},
	FactClusterNetworkPolicy: {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.ClusterNetworkPolicy) }},
	FactNodeSelectorLabels:   {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.NodeSelectorLabels) }},
	FactDefaultLocalCluster:  {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.DefaultLocalCluster) }},
	FactSCTP:                 {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.SCTP) }},
	FactExtendedProtocols:    {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.ExtendedProtocols) }},
	FactL7Proxy:              {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.L7Proxy) }},
	FactNonDefaultDeny:       {ciliumConfig, func(f *Facts) string { return flagText(f.Cilium.NonDefaultDeny) }},
}

const ciliumConfig = "kubectl get configmap cilium-config -n kube-system -o yaml"

// Hint says how to give the fact.
func (f Fact) Hint() string {
	shownBy := factTable[f].shownBy
	switch {
	case !f.stated():
		return fmt.Sprintf("add the output of %s to the cluster facts", shownBy)
	case shownBy == "":
		return fmt.Sprintf("state spec.%s in a ClusterFacts document", f)
	}
	return fmt.Sprintf("state spec.%s in a ClusterFacts document, or add the output of %s", f, shownBy)
}

// stated says whether a ClusterFacts document can hold the fact.
func (f Fact) stated() bool {
	switch f {
	case FactNamespaces, FactServiceAccounts, FactPods, FactNodes, FactServices, FactHostEndpoints,
		FactNonDefaultDeny:
		return false
	}
	return true
}

// Knows reports whether the fact is known. Where a setting has a default that holds unless somebody changed it, such
// as the failsafe ports, not knowing it still leaves the default.
func (f *Facts) Knows(fact Fact) bool { return f.Text(fact) != "" }

// Text is the fact as a report shows it, or empty when it is not known.
func (f *Facts) Text(fact Fact) string {
	row, ok := factTable[fact]
	if !ok {
		return ""
	}
	return row.text(f)
}

// AllFacts lists every fact there can be, sorted.
func AllFacts() []Fact {
	out := make([]Fact, 0, len(factTable))
	for f := range factTable {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

func count[T any](objects map[string]T) string {
	if objects == nil {
		return ""
	}
	return strconv.Itoa(len(objects))
}

func prefixes(list []netip.Prefix) string {
	if list == nil {
		return ""
	}
	var texts []string
	for _, p := range list {
		texts = append(texts, p.String())
	}
	return listText(texts, true)
}

func listText(list []string, known bool) string {
	switch {
	case !known:
		return ""
	case len(list) == 0:
		return "none"
	}
	return strings.Join(list, ", ")
}

func apiServersText(f *Facts) string {
	var texts []string
	for _, a := range f.APIServers {
		texts = append(texts, a.String())
	}
	return listText(texts, f.APIServers != nil)
}

// hostEndpointsText treats the absence of host endpoints as known when Calico is known not to make them and the
// inventory is said to be complete.
func hostEndpointsText(f *Facts) string {
	if len(f.HostEndpoints) == 0 && !(f.Complete && f.Calico.AutoHostEndpoints != nil) {
		return ""
	}
	return strconv.Itoa(len(f.HostEndpoints))
}

func flagText(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

func onlyTrue(b bool) string {
	if b {
		return "true"
	}
	return ""
}
