package calico

import "github.com/projectcalico/api/pkg/lib/numorstring"

// The structs below are the objects as users write them. The types of github.com/projectcalico/api write an empty
// source and destination into every rule; a test holds these to the same field names.

// object is any Calico object that is written.
type object struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       any      `json:"spec"`
}

type metadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// policySpec is the spec of a NetworkPolicy or GlobalNetworkPolicy.
type policySpec struct {
	Tier                   string       `json:"tier,omitempty"`
	Order                  *float64     `json:"order,omitempty"`
	Selector               string       `json:"selector,omitempty"`
	NamespaceSelector      string       `json:"namespaceSelector,omitempty"`
	ServiceAccountSelector string       `json:"serviceAccountSelector,omitempty"`
	Types                  []string     `json:"types"`
	Ingress                []policyRule `json:"ingress,omitempty"`
	Egress                 []policyRule `json:"egress,omitempty"`
}

type policyRule struct {
	Action      string                `json:"action"`
	IPVersion   int                   `json:"ipVersion,omitempty"`
	Protocol    *numorstring.Protocol `json:"protocol,omitempty"`
	NotProtocol *numorstring.Protocol `json:"notProtocol,omitempty"`
	ICMP        *icmpFields           `json:"icmp,omitempty"`
	NotICMP     *icmpFields           `json:"notICMP,omitempty"`
	Source      *entityRule           `json:"source,omitempty"`
	Destination *entityRule           `json:"destination,omitempty"`
	HTTP        *httpMatch            `json:"http,omitempty"`
}

type icmpFields struct {
	Type *int `json:"type,omitempty"`
	Code *int `json:"code,omitempty"`
}

type entityRule struct {
	Nets              []string           `json:"nets,omitempty"`
	NotNets           []string           `json:"notNets,omitempty"`
	Selector          string             `json:"selector,omitempty"`
	NamespaceSelector string             `json:"namespaceSelector,omitempty"`
	NotSelector       string             `json:"notSelector,omitempty"`
	ServiceAccounts   *accountMatch      `json:"serviceAccounts,omitempty"`
	Services          *serviceMatch      `json:"services,omitempty"`
	Ports             []numorstring.Port `json:"ports,omitempty"`
	NotPorts          []numorstring.Port `json:"notPorts,omitempty"`
}

type accountMatch struct {
	Names    []string `json:"names,omitempty"`
	Selector string   `json:"selector,omitempty"`
}

type serviceMatch struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type httpMatch struct {
	Methods []string   `json:"methods,omitempty"`
	Paths   []httpPath `json:"paths,omitempty"`
}

type httpPath struct {
	Exact  string `json:"exact,omitempty"`
	Prefix string `json:"prefix,omitempty"`
}

// tierSpec is the spec of a Tier, setSpec that of a GlobalNetworkSet.
type tierSpec struct {
	Order         float64 `json:"order"`
	DefaultAction string  `json:"defaultAction"`
}

type setSpec struct {
	Nets []string `json:"nets"`
}
