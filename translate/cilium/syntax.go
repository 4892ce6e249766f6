package cilium

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The structs below are the objects as users write them, in the order in which people write their fields. Cilium's
// own types (pkg/policy/api) lose the difference between a list that is empty and one that is absent, which decides
// between "nobody" and "everyone"; a test holds these to the same field names.

// object is a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy to be written.
type object struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       *rule    `json:"spec,omitempty"`
	Specs      []*rule  `json:"specs,omitempty"`
}

// readObject is one of them as read; its metadata is the API server's business.
type readObject struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            *rule             `json:"spec,omitempty"`
	Specs           []*rule           `json:"specs,omitempty"`
}

// cidrGroup is a CiliumCIDRGroup.
type cidrGroup struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            struct {
		ExternalCIDRs []string `json:"externalCIDRs"`
	} `json:"spec"`
}

// metadata is the part of an object's metadata that is carried.
type metadata struct {
	Name        string            `json:"name,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// rule is one Rule of spec or specs (pkg/policy/api/rule.go).
type rule struct {
	EndpointSelector  *labelSelector    `json:"endpointSelector,omitempty"`
	NodeSelector      *labelSelector    `json:"nodeSelector,omitempty"`
	EnableDefaultDeny *defaultDeny      `json:"enableDefaultDeny,omitempty"`
	Ingress           []ingressRule     `json:"ingress,omitempty"`
	IngressDeny       []ingressDenyRule `json:"ingressDeny,omitempty"`
	Egress            []egressRule      `json:"egress,omitempty"`
	EgressDeny        []egressDenyRule  `json:"egressDeny,omitempty"`
	Labels            []ruleLabel       `json:"labels,omitempty"`
	Description       string            `json:"description,omitempty"`
	Log               *logConfig        `json:"log,omitempty"`
}

type defaultDeny struct {
	Ingress *bool `json:"ingress,omitempty"`
	Egress  *bool `json:"egress,omitempty"`
}

type logConfig struct {
	Value string `json:"value,omitempty"`
}

type ruleLabel struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Source string `json:"source,omitempty"`
}

// labelSelector is a label selector over the labels of identities.
type labelSelector struct {
	MatchLabels      map[string]string `json:"matchLabels,omitempty"`
	MatchExpressions []expression      `json:"matchExpressions,omitempty"`
}

type expression struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
}

// ingressPeers are the L3 fields of an element of ingress or ingressDeny.
type ingressPeers struct {
	FromEndpoints []labelSelector `json:"fromEndpoints,omitempty"`
	FromRequires  []labelSelector `json:"fromRequires,omitempty"`
	FromEntities  []string        `json:"fromEntities,omitempty"`
	FromNodes     []labelSelector `json:"fromNodes,omitempty"`
	FromCIDR      []string        `json:"fromCIDR,omitempty"`
	FromCIDRSet   []cidrRule      `json:"fromCIDRSet,omitempty"`
	FromGroups    []group         `json:"fromGroups,omitempty"`
}

type ingressRule struct {
	ingressPeers   `json:",inline"`
	ToPorts        []portRule      `json:"toPorts,omitempty"`
	ICMPs          []icmpRule      `json:"icmps,omitempty"`
	Authentication *authentication `json:"authentication,omitempty"`
}

type ingressDenyRule struct {
	ingressPeers `json:",inline"`
	ToPorts      []portDenyRule `json:"toPorts,omitempty"`
	ICMPs        []icmpRule     `json:"icmps,omitempty"`
}

// egressPeers are the L3 fields of an element of egress or egressDeny. DNS names stand in egress only.
type egressPeers struct {
	ToEndpoints []labelSelector `json:"toEndpoints,omitempty"`
	ToRequires  []labelSelector `json:"toRequires,omitempty"`
	ToEntities  []string        `json:"toEntities,omitempty"`
	ToNodes     []labelSelector `json:"toNodes,omitempty"`
	ToCIDR      []string        `json:"toCIDR,omitempty"`
	ToCIDRSet   []cidrRule      `json:"toCIDRSet,omitempty"`
	ToGroups    []group         `json:"toGroups,omitempty"`
	ToServices  []serviceRef    `json:"toServices,omitempty"`
}

type egressRule struct {
	egressPeers    `json:",inline"`
	ToFQDNs        []fqdn          `json:"toFQDNs,omitempty"`
	ToPorts        []portRule      `json:"toPorts,omitempty"`
	ICMPs          []icmpRule      `json:"icmps,omitempty"`
	Authentication *authentication `json:"authentication,omitempty"`
}

type egressDenyRule struct {
	egressPeers `json:",inline"`
	ToPorts     []portDenyRule `json:"toPorts,omitempty"`
	ICMPs       []icmpRule     `json:"icmps,omitempty"`
}

type cidrRule struct {
	CIDR              string         `json:"cidr,omitempty"`
	CIDRGroupRef      string         `json:"cidrGroupRef,omitempty"`
	CIDRGroupSelector *labelSelector `json:"cidrGroupSelector,omitempty"`
	Except            []string       `json:"except,omitempty"`
}

type group struct {
	AWS *awsGroup `json:"aws,omitempty"`
}

type awsGroup struct {
	Labels              map[string]string `json:"labels,omitempty"`
	SecurityGroupsIds   []string          `json:"securityGroupsIds,omitempty"`
	SecurityGroupsNames []string          `json:"securityGroupsNames,omitempty"`
	Region              string            `json:"region,omitempty"`
}

type serviceRef struct {
	K8sServiceSelector *serviceSelector `json:"k8sServiceSelector,omitempty"`
	K8sService         *serviceName     `json:"k8sService,omitempty"`
}

type serviceSelector struct {
	Selector  labelSelector `json:"selector"`
	Namespace string        `json:"namespace,omitempty"`
}

type serviceName struct {
	ServiceName string `json:"serviceName,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
}

type fqdn struct {
	MatchName    string `json:"matchName,omitempty"`
	MatchPattern string `json:"matchPattern,omitempty"`
}

type authentication struct {
	Mode string `json:"mode"`
}

// portRule is an element of toPorts.
type portRule struct {
	Ports          []portProtocol `json:"ports,omitempty"`
	TerminatingTLS *tlsContext    `json:"terminatingTLS,omitempty"`
	OriginatingTLS *tlsContext    `json:"originatingTLS,omitempty"`
	ServerNames    []string       `json:"serverNames,omitempty"`
	Listener       *listener      `json:"listener,omitempty"`
	Rules          *l7Rules       `json:"rules,omitempty"`
}

// portDenyRule is an element of toPorts in a deny, which has ports only.
type portDenyRule struct {
	Ports []portProtocol `json:"ports,omitempty"`
}

type portProtocol struct {
	Port     string `json:"port,omitempty"`
	EndPort  int32  `json:"endPort,omitempty"`
	Protocol string `json:"protocol,omitempty"`
}

type tlsContext struct {
	Secret      *secret `json:"secret,omitempty"`
	TrustedCA   string  `json:"trustedCA,omitempty"`
	Certificate string  `json:"certificate,omitempty"`
	PrivateKey  string  `json:"privateKey,omitempty"`
}

type secret struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

type listener struct {
	EnvoyConfig *envoyConfig `json:"envoyConfig,omitempty"`
	Name        string       `json:"name"`
	Priority    uint8        `json:"priority,omitempty"`
}

type envoyConfig struct {
	Kind string `json:"kind,omitempty"`
	Name string `json:"name"`
}

// l7Rules is the union of application-layer rules. Cilium up to 1.19 also had the last three.
type l7Rules struct {
	HTTP    []httpRule          `json:"http,omitempty"`
	DNS     []fqdn              `json:"dns,omitempty"`
	Kafka   []map[string]any    `json:"kafka,omitempty"`
	L7Proto string              `json:"l7proto,omitempty"`
	L7      []map[string]string `json:"l7,omitempty"`
}

type httpRule struct {
	Method        string        `json:"method,omitempty"`
	Path          string        `json:"path,omitempty"`
	Host          string        `json:"host,omitempty"`
	Headers       []string      `json:"headers,omitempty"`
	HeaderMatches []headerMatch `json:"headerMatches,omitempty"`
}

type headerMatch struct {
	Mismatch string  `json:"mismatch,omitempty"`
	Name     string  `json:"name"`
	Secret   *secret `json:"secret,omitempty"`
	Value    string  `json:"value,omitempty"`
}

// icmpRule is an element of icmps.
type icmpRule struct {
	Fields []icmpField `json:"fields,omitempty"`
}

type icmpField struct {
	Family string    `json:"family,omitempty"`
	Type   *icmpType `json:"type"`
}
