package cilium

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// requirement is one condition of a label selector: the label's source, "any" for none, and its states.
type requirement struct {
	source, key string
	values      selector.Values
	// fromLabels says that it stands in matchLabels.
	fromLabels bool
}

// requirementsOf lists what a selector asks, in a fixed order.
func requirementsOf(s *labelSelector) []requirement {
	if s == nil {
		return nil
	}
	var out []requirement
	for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		q := newRequirement(key, selector.In(s.MatchLabels[key]))
		q.fromLabels = true
		out = append(out, q)
	}
	for _, e := range s.MatchExpressions {
		out = append(out, newRequirement(e.Key, operatorValues(e)))
	}
	return out
}

// newRequirement splits the source off a key; a dollar sign stands for the source "reserved" (pkg/labels/labels.go).
func newRequirement(key string, v selector.Values) requirement {
	if rest, ok := strings.CutPrefix(key, "$"); ok {
		return requirement{source: "reserved", key: rest, values: v}
	}
	if source, rest, ok := strings.Cut(key, ":"); ok {
		if source == "" {
			source = "any"
		}
		return requirement{source: source, key: rest, values: v}
	}
	return requirement{source: "any", key: key, values: v}
}

func operatorValues(e expression) selector.Values {
	switch e.Operator {
	case "In":
		return selector.In(e.Values...)
	case "NotIn":
		return selector.NotIn(e.Values...)
	case "Exists":
		return selector.Exists()
	}
	return selector.Absent()
}

func mentionsKey(reqs []requirement, source, key string) bool {
	return slices.ContainsFunc(reqs, func(q requirement) bool { return q.source == source && q.key == key })
}

// ofPod reports whether the requirement is about a label that pods can have.
func (q requirement) ofPod() bool { return q.source == "any" || q.source == "k8s" }

// peerRequirements adds what Cilium adds to the selector of a peer: the policy's namespace, or in a cluster-wide
// policy that there is one, and the local cluster (pkg/k8s/apis/cilium.io/utils/utils.go). A selector with a reserved
// label is left alone.
func (r *ruleReader) peerRequirements(reqs []requirement) []requirement {
	if slices.ContainsFunc(reqs, func(q requirement) bool { return q.source == "reserved" }) {
		return reqs
	}
	speaks := func(prefix string) bool {
		return slices.ContainsFunc(reqs, func(q requirement) bool { return q.ofPod() && strings.HasPrefix(q.key, prefix) })
	}
	named := mentionsKey(reqs, "k8s", labelNamespace) || mentionsKey(reqs, "any", labelNamespace)
	switch {
	case named:
	case r.namespace == "" && !r.init:
		reqs = append(reqs, requirement{source: "k8s", key: labelNamespace, values: selector.Exists()})
	case r.namespace != "" && !(r.v.AtLeast(1, 16) && speaks(labelNamespaceLabel)):
		reqs = append(reqs, requirement{source: "k8s", key: labelNamespace, values: selector.In(r.namespace)})
	}
	if r.defaultLocalCluster() && !mentionsKey(reqs, "k8s", labelCluster) && !mentionsKey(reqs, "any", labelCluster) {
		reqs = append(reqs, requirement{source: "k8s", key: labelCluster, values: selector.In(r.localCluster())})
	}
	return reqs
}

// defaultLocalCluster is a setting since 1.18, on since 1.19 (pkg/clustermesh/types/option.go).
func (d *dialect) defaultLocalCluster() bool {
	return d.v.AtLeast(1, 18) && d.setting(cluster.FactDefaultLocalCluster, d.facts.Cilium.DefaultLocalCluster, d.v.AtLeast(1, 19))
}

func (d *dialect) localCluster() string {
	d.env.Relied.On(cluster.FactClusterName)
	return d.clusterName()
}

// selected is whom a policy polices: pods, and endpoints of Cilium's own.
type selected struct {
	pods    selector.Selector
	special specials
}

// peersOf evaluates the selector of a peer.
func (r *ruleReader) peersOf(s labelSelector, path string) who {
	reqs := r.peerRequirements(requirementsOf(&s))
	if r.matchesPlaceholders(reqs) {
		if len(reqs) > 0 {
			r.remark(diag.SelectorForm, diag.Exact, path, "add io.kubernetes.pod.namespace Exists",
				"a selector that only excludes matches everyone in Cilium, even what it excludes; the output keeps that meaning")
		}
		picked := r.picked(reqs)
		out := r.placeholders(reqs, path)
		out.picked = &picked
		return out
	}
	return r.peersOfMesh(reqs, path, r.evaluate(reqs, path))
}

// placeholders is whom a selector matches that matches the identities that stand for others. Nothing stands for the
// reserved identities (pkg/policy/aggregate.go, aggregateFor), so those that it excludes are left out.
func (r *ruleReader) placeholders(reqs []requirement, path string) who {
	out := who{sure: model.Anyone()}
	if !holds(reqs, "host") {
		out.sure.Host = none
	}
	if !holds(reqs, "remote-node") {
		// With labels of their own, nodes have identities that a placeholder stands for.
		maybe := model.Peer{Nodes: out.sure.Nodes}
		out.sure.Nodes = none
		r.identitySpecial(path, maybe, &out)
	}
	if !holds(reqs, "world") || !holds(reqs, "world-ipv4") || !holds(reqs, "world-ipv6") {
		// What a policy names has an identity that a placeholder stands for, and the rest has not.
		maybe := model.Peer{World: out.sure.World}
		out.sure.World = cidr.Set{}
		r.identitySpecial(path, maybe, &out)
	}
	for name, class := range map[string]model.Special{"ingress": model.IngressProxy, "health": model.Health,
		"init": model.Init, "unmanaged": model.Unmanaged} {
		if !holds(reqs, name) {
			out.sure.Special &^= class
		}
	}
	r.apiServerOf(reqs, path, &out)
	return out
}

// subjectOf evaluates the selector of the policed endpoints: in a namespaced policy the namespace is always the
// policy's, whatever matchLabels say under the source k8s.
func (r *ruleReader) subjectOf(reqs []requirement, path string) selected {
	if r.namespace == "" {
		found := r.evaluate(reqs, path)
		return selected{pods: found.sure.Pods, special: specials(found.sure.Special &^ (model.MeshPods | model.APIServer | model.Unmanaged))}
	}
	reqs = slices.DeleteFunc(slices.Clone(reqs), func(q requirement) bool {
		return q.fromLabels && q.source == "k8s" && q.key == labelNamespace
	})
	reqs = append(reqs, requirement{source: "k8s", key: labelNamespace, values: selector.In(r.namespace)})
	return selected{pods: r.evaluate(reqs, path).sure.Pods}
}

// evaluate asks of every class of identities whether it matches. Each reserved class has one label; pods have those
// of pod, namespace, service account and cluster.
func (r *ruleReader) evaluate(reqs []requirement, path string) who {
	var out who
	out.sure.Pods = r.podsOf(reqs, path, &out)
	if holds(reqs, "host") {
		out.sure.Host = all
	}
	if holds(reqs, "remote-node") {
		out.sure.Nodes = all
	}
	for name, class := range map[string]model.Special{"ingress": model.IngressProxy, "health": model.Health,
		"init": model.Init, "unmanaged": model.Unmanaged} {
		if holds(reqs, name) {
			out.sure.Special |= class
		}
	}
	r.worldOf(reqs, path, &out)
	r.apiServerOf(reqs, path, &out)
	return out
}

// matchesPlaceholders reports whether an identity without any label matches. Since 1.19 there are such identities,
// and they stand for all others, so that the selector matches everyone, even those whom it excludes
// (pkg/policy/aggregate.go).
func (r *ruleReader) matchesPlaceholders(reqs []requirement) bool {
	return r.v.AtLeast(1, 19) && !slices.ContainsFunc(reqs, func(q requirement) bool { return !q.values.MayBeAbsent() })
}

// holds reports whether the reserved identity of a name matches.
func holds(reqs []requirement, name string) bool {
	return !slices.ContainsFunc(reqs, func(q requirement) bool {
		present := q.key == name && (q.source == "any" || q.source == "reserved")
		return !has(q.values, "", present)
	})
}

// worldOf decides about outside addresses. Their label depends on the families of the cluster
// (pkg/labels/cidr.go), so a selector that tells the three apart is a doubt.
func (r *ruleReader) worldOf(reqs []requirement, path string, out *who) {
	world := model.World(cidr.All())
	one, four, six := holds(reqs, "world"), holds(reqs, "world-ipv4"), holds(reqs, "world-ipv6")
	switch {
	case one && four && six:
		out.sure.World = world.World
	case one || four || six:
		r.identitySpecial(path, world, out)
	}
}

// apiServerOf decides about the kube-apiserver, which is a node or an outside address with one label more.
func (r *ruleReader) apiServerOf(reqs []requirement, path string, out *who) {
	i := slices.IndexFunc(reqs, func(q requirement) bool { return q.key == "kube-apiserver" && q.source != "k8s" })
	switch {
	case i < 0:
	case reqs[i].values.MayBeAbsent():
		// Some nodes are left out, and nobody knows which.
		maybe := model.Peer{Host: out.sure.Host, Nodes: out.sure.Nodes, World: out.sure.World}
		out.sure.Host, out.sure.Nodes, out.sure.World = none, none, cidr.Set{}
		r.identitySpecial(path, maybe, out)
	case len(reqs) == 1:
		out.sure.Special |= model.APIServer
	default:
		r.identitySpecial(path, model.Peer{Special: model.APIServer}, out)
	}
}

func (r *ruleReader) identitySpecial(path string, p model.Peer, w *who) {
	if p.IsNobody() {
		return
	}
	r.remark(diag.IdentitySpecial, "", path, "name the entity with fromEntities or toEntities",
		"the selector chooses among Cilium's reserved identities in a way that the target cannot say")
	w.maybe = append(w.maybe, model.DoubtfulPeer{Peer: p, Code: diag.IdentitySpecial})
}

// podsOf evaluates the requirements for pods of this cluster.
func (r *ruleReader) podsOf(reqs []requirement, path string, w *who) selector.Selector {
	out, mesh := all, false
	for _, q := range reqs {
		k, ofPod := podKey(q)
		switch {
		case !ofPod:
			out = out.And(constant(q.values))
		case k == clusterName:
			list, finite := q.values.Finite()
			mesh = mesh || !finite || len(list) > 1 || !q.values.Has(r.localCluster())
			if !q.values.Has(r.localCluster()) {
				out = none
			}
		default:
			out = out.And(r.requirement(q, k, path))
		}
	}
	if mesh {
		r.remark(diag.ClusterMesh, "", path, "leave the cluster out to mean pods of this one",
			"the selector names pods of other clusters, which the target does not know")
		w.maybe = append(w.maybe, model.DoubtfulPeer{Peer: model.Peer{Special: model.MeshPods}, Code: diag.ClusterMesh})
	}
	return out
}

// podKey is the label of a pod that a requirement is about; false if pods never have it.
func podKey(q requirement) (selector.Key, bool) {
	if !q.ofPod() {
		return selector.Key{}, false
	}
	switch {
	case q.key == labelNamespace:
		return namespaceName, true
	case q.key == labelServiceAccount:
		return serviceAccountName, true
	case q.key == labelCluster:
		return clusterName, true
	case q.key == labelNamespaceLabel+labelMetadataName:
		return namespaceName, true
	case strings.HasPrefix(q.key, labelNamespaceLabel):
		return selector.Key{Kind: selector.NamespaceLabel, Name: strings.TrimPrefix(q.key, labelNamespaceLabel)}, true
	}
	return selector.Key{Kind: selector.PodLabel, Name: q.key}, true
}

// requirement lowers what is asked of one label. A label that Cilium leaves out of identities is always absent: asked
// for, it matches nobody, and excluded, it excludes nobody.
func (r *ruleReader) requirement(q requirement, k selector.Key, path string) selector.Selector {
	if r.filter.sees(k) {
		return where(k, q.values)
	}
	effect := "so asking for it matches nobody"
	if q.values.MayBeAbsent() {
		effect = "so excluding it excludes nobody"
	}
	r.remark(diag.FilteredLabel, diag.Exact, path, fmt.Sprintf("select by another label than %s", q.key),
		"Cilium leaves %s out of identities, %s; the output keeps that meaning", k, effect)
	return constant(q.values)
}

// constant is a requirement on a label that is never there.
func constant(v selector.Values) selector.Selector {
	if v.MayBeAbsent() {
		return all
	}
	return none
}
