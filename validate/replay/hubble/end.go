package hubble

import (
	"encoding/json"
	"strings"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// The reserved identities (pkg/identity/numericidentity.go).
const (
	identityHost       = 1
	identityWorld      = 2
	identityHealth     = 4
	identityRemoteNode = 6
	identityAPIServer  = 7
	identityIngress    = 8
	identityWorldIPv4  = 9
	identityWorldIPv6  = 10
	// Identities with this bit stand for addresses outside the cluster, and with the other one for nodes.
	scopeLocal      = 1 << 24
	scopeRemoteNode = 2 << 24
	scope           = 0xff << 24
)

// most is how many ends are remembered.
const most = 1 << 16

// end tells who is at an end, and its identity.
func (p *Parser) end(r *fields, raw []byte, address string, out *flow.End) (identity uint32, err error) {
	addr, err := flow.Addr(address)
	if err != nil || len(raw) == 0 {
		out.Addr = addr
		return 0, err
	}
	e, known := p.ends[string(raw)]
	if !known {
		if err := json.Unmarshal(raw, &e); err != nil {
			return 0, err
		}
		e.read()
		if len(p.ends) == most {
			clear(p.ends)
		}
		p.ends[string(raw)] = e
	}
	*out = e.end
	out.Addr = addr
	if cluster, _, told := strings.Cut(r.Node, "/"); told && e.Cluster != "" && e.Cluster != cluster {
		out.Role = flow.Remote
	}
	return e.Identity, nil
}

// read works out what does not depend on the flow.
func (e *endpoint) read() {
	e.end = flow.End{Role: e.role(), Namespace: e.Namespace, Name: e.Pod}
	if len(e.Workloads) > 0 {
		e.end.Workload = e.Workloads[0].Name
	}
	for _, label := range e.Labels {
		addLabel(&e.end, label)
	}
}

func (e *endpoint) role() flow.Role {
	switch e.Identity {
	case identityHost:
		return flow.Host
	case identityWorld, identityWorldIPv4, identityWorldIPv6:
		return flow.World
	case identityRemoteNode:
		return flow.Node
	case identityAPIServer:
		return flow.APIServer
	case identityIngress:
		return flow.IngressProxy
	}
	switch {
	case e.Pod != "":
		return flow.Pod
	case e.Identity&scope == scopeLocal:
		return flow.World
	case e.Identity&scope == scopeRemoteNode:
		return flow.Node
	case e.Namespace != "" && len(e.Labels) > 0:
		return flow.Pod // of another node, whose agent did not know the name yet
	}
	return flow.Unknown
}

// addLabel takes in a label as Cilium writes it: the source, a colon, key=value. Those that Cilium derives from elsewhere
// are no labels of the pod (pkg/k8s/apis/cilium.io/const.go).
func addLabel(out *flow.End, label string) {
	source, text, found := strings.Cut(label, ":")
	if !found || source != "k8s" && source != "any" {
		return
	}
	key, value, _ := strings.Cut(text, "=")
	switch {
	case key == "io.cilium.k8s.policy.serviceaccount":
		out.Account = value
	case key == "io.kubernetes.pod.namespace":
		if out.Namespace == "" {
			out.Namespace = value
		}
	case strings.HasPrefix(key, "io.cilium.k8s."):
	default:
		out.Labels = append(out.Labels, text)
	}
}
