package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// services lowers toServices to what Cilium makes of it (pkg/policy/k8s/service.go): the pods that the Service
// selects, on whatever ports the rule names, or the addresses behind a Service without selector. It reports whether
// any peer came of it: if none did the ports, where there are any, are open to everyone, because toServices itself is
// no peer (pkg/policy/utils/parserules.go).
func (r *ruleReader) services(e *readElement) (out who, restricts bool) {
	path := e.field("Services")
	r.carried(path)
	if e.action == model.Deny {
		r.remark(diag.UnresolvedService, diag.Exact, path, "deny the pods or addresses behind the Service",
			"Cilium never resolves toServices in a deny: it denies the ports, if there are any, to everyone")
		return out, false
	}
	if r.facts.Services == nil {
		r.remark(diag.NeedsFact, "", path, cluster.FactServices.Hint(), "what the Services mean is not known")
		return who{maybe: []model.DoubtfulPeer{{Peer: model.Anyone(), Code: diag.NeedsFact}}}, true
	}
	r.env.Relied.On(cluster.FactServices)
	for i, ref := range e.services {
		for _, s := range r.servicesOf(ref) {
			restricts = true
			out.add(r.service(s, source.Item(path, i)))
		}
	}
	if restricts {
		r.remark(diag.ServiceMatch, diag.Exact, path, "choose the pods with toEndpoints",
			"toServices is carried as what the Services select today")
		return out, true
	}
	if len(e.toPorts)+len(e.icmps) == 0 {
		return out, true
	}
	if r.facts.Complete {
		r.env.Relied.On(cluster.FactComplete)
		r.remark(diag.UnresolvedService, diag.Exact, path, "choose the pods with toEndpoints, or delete the rule",
			"no Service of that name has anything behind it, so Cilium opens the ports to everyone, and so does the output")
		return out, false
	}
	r.remark(diag.UnresolvedService, "", path, "choose the pods with toEndpoints, or delete the rule",
		"no Service of that name has anything behind it, so Cilium opens the ports to everyone; the output does not")
	return who{maybe: []model.DoubtfulPeer{{Peer: model.Anyone(), Code: diag.UnresolvedService}}}, true
}

// servicesOf finds the Services that a reference means. An empty namespace is every namespace.
func (r *ruleReader) servicesOf(ref serviceRef) []*cluster.Service {
	var out []*cluster.Service
	for _, key := range sortedKeys(r.facts.Services) {
		s := r.facts.Services[key]
		switch {
		case ref.K8sServiceSelector != nil:
			if in := ref.K8sServiceSelector; (in.Namespace == "" || in.Namespace == s.Namespace) && matchesService(in.Selector, s.Labels) {
				out = append(out, s)
			}
		case ref.K8sService != nil:
			if in := ref.K8sService; (in.Namespace == "" || in.Namespace == s.Namespace) && in.ServiceName == s.Name {
				out = append(out, s)
			}
		}
	}
	return out
}

func matchesService(s labelSelector, labels map[string]string) bool {
	for _, q := range requirementsOf(&s) {
		value, present := labels[q.key]
		if !has(q.values, value, present) {
			return false
		}
	}
	return true
}

// service is who is behind one Service.
func (r *ruleReader) service(s *cluster.Service, path string) who {
	if len(s.Selector) > 0 {
		out := selector.Where(namespaceName, selector.In(s.Namespace))
		for _, k := range sortedKeys(s.Selector) {
			q := requirement{source: "k8s", key: k, values: selector.In(s.Selector[k])}
			key, _ := podKey(q)
			out = out.And(r.requirement(q, key, path))
		}
		return who{sure: model.Pods(out)}
	}
	var set cidr.Set
	for _, b := range s.Backends {
		set = set.Union(cidr.OfAddrs(b.Addr))
	}
	r.backendsInside(s, set, path)
	return r.behind(r.doc, path, set, false)
}

// backendsInside reports backends that are nodes or pods: those of a Service without selector are CIDRs, which do not
// match them (pkg/policy/types/selector.go).
func (r *ruleReader) backendsInside(s *cluster.Service, set cidr.Set, path string) {
	pods, nodes := r.matchesInCluster()
	inside := cidr.Set{}
	if !pods {
		inside = inside.Union(r.facts.PodSet())
	}
	if !nodes {
		inside = inside.Union(r.facts.NodeSet())
	}
	if inside = inside.Intersect(set); inside.IsEmpty() {
		return
	}
	hint := "choose the pods with toEndpoints, or the nodes with toEntities"
	if s.Namespace == "default" && s.Name == "kubernetes" {
		hint = "allow the API server with toEntities: [kube-apiserver]"
	}
	r.remark(diag.SelectsNothing, "", path, hint,
		"the Service %s/%s has no selector, so its backends count as addresses outside the cluster, and %s is inside", s.Namespace, s.Name, inside)
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
