package rehearse

import "fmt"

// toCalico are the steps from Cilium to Calico in one cluster, node by node. No CNI's own guide goes this way.
func (e *estate) toCalico() {
	e.prepare()
	e.carryOver("Choose a range for the pods that is not in use. Where Cilium takes the place of kube-proxy, kube-proxy must run on every node before its agent goes.")
	e.addStep(RunbookStep{
		Title: "Install the kinds of Calico",
		Text: "Its CRDs and its API server or webhooks, and no calico-node yet: the API server takes projectcalico.org/v3, checks and defaults it. " +
			"There is no guide for this direction, so do all of it in a test cluster first.",
		Safe: "Cilium polices all pods.",
		Commands: []string{
			fmt.Sprintf("kubectl apply --server-side -f https://raw.githubusercontent.com/projectcalico/calico/v%s/manifests/crds.yaml", e.Target.Version),
		},
		Checks:   []string{"kubectl wait --for=condition=Established crd/globalnetworkpolicies.crd.projectcalico.org --timeout=60s"},
		Rollback: []string{fmt.Sprintf("kubectl delete -f https://raw.githubusercontent.com/projectcalico/calico/v%s/manifests/crds.yaml", e.Target.Version)},
	})
	e.applyAll("Nothing reads them yet, so they are all there when the first pod is Calico's. Without Calico's API server, calicoctl apply takes its own kinds, and kubectl the standard ones.")
	e.addStep(RunbookStep{
		Title: "Turn Cilium's enforcement off",
		Text: "To Cilium the pods of Calico have no labels: with enforcement on it would deny its own pods what policy allows them " +
			"to and from every pod that is moved.",
		Safe: "An OPEN WINDOW begins: nothing polices the pods that are not moved yet.",
		Commands: []string{
			enforce("never"),
			"kubectl -n kube-system rollout restart ds/cilium && kubectl -n kube-system rollout status ds/cilium -w",
		},
		Checks: []string{"kubectl -n kube-system exec ds/cilium -- cilium-dbg config | grep PolicyEnforcement   # never"},
		Rollback: []string{
			enforce(e.enforcement()),
			"kubectl -n kube-system rollout restart ds/cilium",
		},
	})
	open := len(e.Runbook.Steps)
	e.swapStandard()
	e.addStep(RunbookStep{
		Title: "Move the nodes, one after the other",
		Text: "The pods of a moved node are policed by Calico by the whole set at once. Its selectors match the pods that are still " +
			"Cilium's too: with the Kubernetes datastore, Calico knows pods from the API server, whoever gave them their address.",
		Safe: "The window gets smaller with every node, since what is moved is policed, and closes with the last one.",
		Commands: []string{
			"NODE=...; kubectl cordon $NODE && kubectl drain --ignore-daemonsets --delete-emptydir-data $NODE",
			"# keep Cilium's agent off the node and let calico-node run there, by the node selectors of both DaemonSets",
			"# remove 05-cilium.conflist from /etc/cni/net.d of the node, then restart the node",
			"kubectl uncordon $NODE",
		},
		Checks: []string{
			"kubectl -n calico-system get pods -o wide --field-selector spec.nodeName=$NODE",
			"kubectl get pods -A -o wide --field-selector spec.nodeName=$NODE   # addresses of the new range",
		},
		Rollback: []string{
			"kubectl cordon $NODE && kubectl drain --ignore-daemonsets --delete-emptydir-data $NODE",
			"# let the agent of Cilium run on the node again, and calico-node not; remove 10-calico.conflist from /etc/cni/net.d, then restart the node",
			"kubectl uncordon $NODE",
		},
	})
	moved := len(e.Runbook.Steps)
	e.addStep(RunbookStep{
		Title: "See that Calico enforces",
		Text:  "Every pod is Calico's, and policed by the whole set.",
		Safe:  "Every pod is policed.",
		Checks: []string{
			"kubectl -n calico-system logs -l k8s-app=calico-node -c calico-node --tail=-1 | grep -i 'validation failed'   # no line, on any node: each object is taken",
			e.again("--flows FLOWS") + "   # flow logs of Calico since the step before",
		},
		Rollback: []string{
			"# move the nodes back one by one, as the step before says; then",
			enforce(e.enforcement()),
			"kubectl -n kube-system rollout restart ds/cilium",
		},
	})
	e.deleteOld([]string{"helm uninstall cilium --namespace kube-system   # then restart the nodes, which removes its programs"},
		[]string{"# install Cilium again as it was, and move the nodes back one by one"})
	e.openWindow(open, moved, "nothing polices the pods of the nodes that are not moved yet")
}

// enforce sets when Cilium enforces policy; its agents read it when they start.
func enforce(when string) string {
	return fmt.Sprintf(`kubectl -n kube-system patch configmap cilium-config --type merge -p '{"data":{"enable-policy":"%s"}}'`, when)
}

// enforcement is when Cilium enforces policy today.
func (e *estate) enforcement() string {
	for _, d := range e.cluster {
		if d.Object.Kind == "ConfigMap" && d.Object.Name == "cilium-config" {
			if when, ok := d.Scalar("data.enable-policy"); ok && (when == "always" || when == "never") {
				return when
			}
		}
	}
	return "default"
}
