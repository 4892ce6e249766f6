package cilium

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// policySpec is a rule of a CiliumNetworkPolicy as written. It is decoded apart from Cilium's own types, which are
// meant for Cilium's own use; here nil and empty lists must stay apart, because they mean opposites.
type policySpec struct {
	EndpointSelector  *labelSelector `json:"endpointSelector"`
	NodeSelector      *labelSelector `json:"nodeSelector"`
	Ingress           []element      `json:"ingress"`
	IngressDeny       []element      `json:"ingressDeny"`
	Egress            []element      `json:"egress"`
	EgressDeny        []element      `json:"egressDeny"`
	EnableDefaultDeny struct {
		Ingress *bool `json:"ingress"`
		Egress  *bool `json:"egress"`
	} `json:"enableDefaultDeny"`
}

// element is one element of a rule list.
type element struct {
	FromEndpoints []*labelSelector  `json:"fromEndpoints"`
	FromNodes     []*labelSelector  `json:"fromNodes"`
	FromEntities  []string          `json:"fromEntities"`
	FromCIDR      []string          `json:"fromCIDR"`
	FromCIDRSet   []cidrRule        `json:"fromCIDRSet"`
	FromGroups    []json.RawMessage `json:"fromGroups"`
	FromRequires  []json.RawMessage `json:"fromRequires"`

	ToEndpoints []*labelSelector  `json:"toEndpoints"`
	ToNodes     []*labelSelector  `json:"toNodes"`
	ToEntities  []string          `json:"toEntities"`
	ToCIDR      []string          `json:"toCIDR"`
	ToCIDRSet   []cidrRule        `json:"toCIDRSet"`
	ToGroups    []json.RawMessage `json:"toGroups"`
	ToRequires  []json.RawMessage `json:"toRequires"`
	ToServices  []serviceRef      `json:"toServices"`
	ToFQDNs     []struct {
		MatchName    string `json:"matchName"`
		MatchPattern string `json:"matchPattern"`
	} `json:"toFQDNs"`

	ToPorts        []portRule `json:"toPorts"`
	ICMPs          []icmpRule `json:"icmps"`
	Authentication *struct {
		Mode string `json:"mode"`
	} `json:"authentication"`
}

// icmpRule is an element of icmps.
type icmpRule struct {
	Fields []struct {
		Family string              `json:"family"`
		Type   *intstr.IntOrString `json:"type"`
	} `json:"fields"`
}

// elementPeers are the fields of an element that concern one direction. A list that is present and empty is empty
// and not nil.
type elementPeers struct {
	endpoints, nodes []*labelSelector
	entities, cidr   []string
	cidrSet          []cidrRule
	groups           []json.RawMessage
	requires         bool
}

// peers picks the fields of a direction.
func (e *element) peers(ingress bool) elementPeers {
	if ingress {
		return elementPeers{
			endpoints: e.FromEndpoints, nodes: e.FromNodes, entities: e.FromEntities,
			cidr: e.FromCIDR, cidrSet: e.FromCIDRSet, groups: e.FromGroups, requires: len(e.FromRequires) > 0,
		}
	}
	return elementPeers{
		endpoints: e.ToEndpoints, nodes: e.ToNodes, entities: e.ToEntities,
		cidr: e.ToCIDR, cidrSet: e.ToCIDRSet, groups: e.ToGroups, requires: len(e.ToRequires) > 0,
	}
}

// nobody reports whether a list is present and empty: that selects nothing, while an absent one does not restrict
// (pkg/policy/utils/parserules.go, mergeEndpointSelectors). Empty toFQDNs, toServices and groups are not looked at.
func (p *elementPeers) nobody() bool {
	return p.endpoints != nil && len(p.endpoints) == 0 ||
		p.nodes != nil && len(p.nodes) == 0 ||
		p.entities != nil && len(p.entities) == 0 ||
		p.cidr != nil && len(p.cidr) == 0 ||
		p.cidrSet != nil && len(p.cidrSet) == 0
}
