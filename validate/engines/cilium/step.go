package cilium

// A step is one thing that must be set up before Cilium's policy code answers as an agent does. Most of them
// fail silently when left out: a rule then matches nobody, or nobody is policed.
type step string

const (
	entitySelectors    step = "entity selectors"
	reservedIdentities step = "reserved identities"
	subjectIdentities  step = "identities of subjects"
	localhostAllowed   step = "allow-localhost"
	redirectPorts      step = "redirect ports"
	namedPorts         step = "named ports getter"
	namedPortLabels    step = "named port labels"
	labelFilter        step = "label filter"
	policyNamespace    step = "namespace of a policy"
	localCluster       step = "local cluster in selectors"
	cidrPrefixes       step = "prefixes of policies"
	cidrGroups         step = "CIDR groups"
	cidrLabelsOfPods   step = "CIDR labels of pods"
	nodeAddresses      step = "node addresses"
	nodeLabels         step = "node labels"
	localNode          step = "local node"
	apiServers         step = "API servers"
	services           step = "services"
	hostLabels         step = "labels of the policed host"
	enforcementMode    step = "enforcement mode"
)

// steps are all of them, in no particular order of importance.
var steps = []step{
	entitySelectors, reservedIdentities, subjectIdentities, localhostAllowed, redirectPorts, namedPorts,
	namedPortLabels, labelFilter, policyNamespace, localCluster, cidrPrefixes, cidrGroups, cidrLabelsOfPods,
	nodeAddresses, nodeLabels, localNode, apiServers, services, hostLabels, enforcementMode,
}

// Options change how an Engine is built.
type Options struct {
	// omit leaves steps out. The ablation test sets it, to show that the scenarios notice each of them.
	omit map[step]bool
}

// do tells whether a step is taken.
func (o Options) do(s step) bool { return !o.omit[s] }
