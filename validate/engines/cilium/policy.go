package cilium

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

// The kinds of policy that Cilium enforces, as verdicts name them.
const (
	kindNetworkPolicy        = "NetworkPolicy"
	kindClusterNetworkPolicy = "ClusterNetworkPolicy"
	kindCilium               = "CiliumNetworkPolicy"
	kindCiliumClusterwide    = "CiliumClusterwideNetworkPolicy"
)

// Rejection is a policy that Cilium's own validation refuses, so that an agent never enforces it.
type Rejection struct {
	Kind, Namespace, Name string
	Err                   error
}

// String is the line that the contract asks for on standard error.
func (r Rejection) String() string {
	return fmt.Sprintf("rejected: %s %s: %v", r.Kind, qualified(r.Namespace, r.Name), r.Err)
}

// policyObject is one policy, before an agent has parsed it.
type policyObject struct {
	kind, namespace, name string
	// uid marks the entries of the policy, so that a verdict can name it.
	uid      string
	resource ipcachetypes.ResourceID
	// convert makes the entries anew: Cilium's parsers write to what they are given.
	convert func(p parsing) (types.PolicyEntries, error)
}

// parsing is what policies are parsed against.
type parsing struct {
	cluster  string
	services *serviceTables
}

// parse makes the entries of the policy. NetworkPolicy and ClusterNetworkPolicy are validated by the API server
// alone, and Cilium panics at what that would have refused, such as a CIDR that is none.
func (p *policyObject) parse(with parsing) (entries types.PolicyEntries, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("no API server accepts it: %v", fault)
		}
	}()
	if entries, err = p.convert(with); err != nil {
		return nil, err
	}
	// The labels of a rule say where it comes from, and nothing else (pkg/policy/origin.go).
	for _, entry := range entries {
		entry.Labels = labels.LabelArray{labels.NewLabel(k8sconst.PolicyLabelUID, p.uid, labels.LabelSourceK8s)}
	}
	return entries, nil
}

// title names the policy as the contract asks.
func (p *policyObject) title() string { return p.kind + " " + qualified(p.namespace, p.name) }

// decodePolicies reads the policies among the documents that the agent watches.
func decodePolicies(docs []Document, s Settings, opts Options) ([]*policyObject, []Rejection, error) {
	var policies []*policyObject
	var rejected []Rejection
	seen := map[string]string{}
	for _, doc := range docs {
		p := newPolicyObject(doc, opts)
		if p == nil || !s.watches(p.kind) {
			continue
		}
		if first, found := seen[p.title()]; found {
			return nil, nil, fmt.Errorf("%s: %s is given twice, first in %s", doc.Place, p.title(), first)
		}
		seen[p.title()] = doc.Place
		if err := p.decode(doc); err != nil {
			rejected = append(rejected, Rejection{p.kind, p.namespace, p.name, err})
			continue
		}
		policies = append(policies, p)
	}
	slices.SortFunc(policies, func(a, b *policyObject) int { return cmp.Compare(a.title(), b.title()) })
	for i, p := range policies {
		p.uid = "policy-" + strconv.Itoa(i)
	}
	return policies, rejected, nil
}

// newPolicyObject recognises a policy by its kind; nil is none.
func newPolicyObject(doc Document, opts Options) *policyObject {
	p := &policyObject{kind: doc.Kind, name: doc.Name, namespace: doc.Namespace}
	if p.namespace == "" && (opts.do(policyNamespace) || doc.Kind == kindNetworkPolicy) {
		p.namespace = "default"
	}
	resource := ipcachetypes.ResourceKindCNP
	switch doc.group() + "/" + doc.Kind {
	case "networking.k8s.io/" + kindNetworkPolicy:
		resource = ipcachetypes.ResourceKindNetpol
	case "cilium.io/" + kindCilium:
	case "cilium.io/" + kindCiliumClusterwide:
		resource, p.namespace = ipcachetypes.ResourceKindCCNP, ""
	case "policy.networking.k8s.io/" + kindClusterNetworkPolicy:
		resource, p.namespace = ipcachetypes.ResourceKindKCNP, ""
	default:
		return nil
	}
	p.resource = ipcachetypes.NewResourceID(resource, p.namespace, p.name)
	return p
}

// decode reads the object and prepares its parser.
func (p *policyObject) decode(doc Document) error {
	switch p.kind {
	case kindNetworkPolicy:
		return p.decodeNetworkPolicy(doc)
	case kindClusterNetworkPolicy:
		return p.decodeClusterNetworkPolicy(doc)
	default:
		return p.decodeCilium(doc)
	}
}

func (p *policyObject) decodeNetworkPolicy(doc Document) error {
	object := &slim_networkingv1.NetworkPolicy{}
	if err := doc.decode(object); err != nil {
		return err
	}
	object.Namespace = p.namespace
	p.convert = func(with parsing) (types.PolicyEntries, error) {
		return k8s.ParseNetworkPolicy(discard, with.cluster, object.DeepCopy())
	}
	return nil
}

func (p *policyObject) decodeClusterNetworkPolicy(doc Document) error {
	object := &v1alpha2.ClusterNetworkPolicy{}
	if err := doc.decodeCustom(object); err != nil {
		return err
	}
	p.convert = func(with parsing) (types.PolicyEntries, error) {
		return k8s.ParseClusterNetworkPolicy(discard, with.cluster, object.DeepCopy())
	}
	return nil
}

// decodeCilium reads both Cilium kinds as the agent does: a clusterwide policy is one without a namespace
// (pkg/policy/k8s/watcher.go).
func (p *policyObject) decodeCilium(doc Document) error {
	object := &v2.CiliumNetworkPolicy{}
	if err := doc.decodeCustom(object); err != nil {
		return err
	}
	object.Namespace = p.namespace
	p.convert = func(with parsing) (types.PolicyEntries, error) {
		copied := object.DeepCopy()
		with.services.resolve(copied)
		rules, err := copied.Parse(discard, with.cluster)
		if err != nil {
			return nil, err
		}
		return policyutils.RulesToPolicyEntries(rules), nil
	}
	return nil
}
