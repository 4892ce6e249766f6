package lint

import "github.com/policyferry/policyferry/translate/diag"

// ownNamespace finds the empty selector as a peer in Cilium policies. In a CiliumNetworkPolicy the agent adds the
// policy's namespace to it, in a cluster-wide policy that a namespace exists
// (pkg/k8s/apis/cilium.io/utils/utils.go): neither is everyone.
var ownNamespace = rule{code: diag.OwnNamespace, policy: func(_ *set, p *policy, r *reporter) {
	if p.form != ciliumForm {
		return
	}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			for _, peer := range rule.get(s.peers() + "Endpoints").items() {
				if !peer.emptyMapping() {
					continue
				}
				if p.clusterwide() {
					r.report(peer, "for nodes and the world as well write "+s.peers()+"Entities: [all]",
						"the empty selector means every pod of the cluster here, and neither nodes nor the world")
				} else {
					r.report(peer, "for pods of every namespace add io.kubernetes.pod.namespace with operator Exists",
						"the empty selector means the pods of %s only", p.home())
				}
			}
		}
	}
}}
