package rehearse

// toCilium are the steps from Calico to Cilium in one cluster, node by node.
func (e *estate) toCilium() {
	e.prepare()
	e.carryOver("Choose a range for the pods that is not in use, and a port for the tunnel that Calico does not use.")
	e.addStep(RunbookStep{
		Title: "Install Cilium beside Calico, enforcing nothing",
		Text: "Cilium makes its network and takes no pod yet. Enforcement is off, since to Cilium the pods of Calico have no labels and " +
			"would be denied what policy allows them. See first that Calico takes no address of cilium_host for a node's own.",
		Safe: "Calico polices all pods.",
		Commands: []string{
			"kubectl get installations.operator.tigera.io default -o jsonpath='{.spec.calicoNetwork.nodeAddressAutodetectionV4}'   # kubernetes: NodeInternalIP; with firstFound Calico may take cilium_host. Without the operator it is IP_AUTODETECTION_METHOD of calico-node",
			"helm repo add cilium https://helm.cilium.io/ && helm repo update cilium",
			"helm install cilium cilium/cilium --namespace kube-system --version " + e.Target.Version + " --values values.yaml \\\n" +
				"  --set policyEnforcementMode=never --set operator.unmanagedPodWatcher.restart=false \\\n" +
				"  --set cni.customConf=true --set cni.uninstall=false --set bpf.hostLegacyRouting=true \\\n" +
				"  --set ipam.mode=cluster-pool --set 'ipam.operator.clusterPoolIPv4PodCIDRList={NEW-RANGE}' --set tunnelPort=8473",
			ciliumNodeConfig,
		},
		Checks: []string{
			"cilium status --wait   # Cluster Pods: 0/N managed by Cilium",
			"kubectl -n kube-system exec ds/cilium -- cilium-dbg config | grep PolicyEnforcement   # never",
		},
		Rollback: []string{"helm uninstall cilium --namespace kube-system"},
	})
	e.applyAll("They are stored, and Cilium tells whether it takes them; none is enforced yet.")
	e.addStep(RunbookStep{
		Title: "Move the nodes, one after the other",
		Text: "The pods of a moved node are Cilium's and nothing polices them. What they say to a pod that is still Calico's is policed " +
			"there, by labels too: with the Kubernetes datastore, Calico knows pods from the API server, whoever gave them their address. Begin with a node that has few " +
			"pods, and end with the control plane.",
		Safe: "An OPEN WINDOW begins: see below for whom. Pods that are not moved are policed as before.",
		Commands: []string{
			"NODE=...; kubectl cordon $NODE && kubectl drain --ignore-daemonsets --delete-emptydir-data $NODE",
			"kubectl label node $NODE --overwrite io.cilium.migration/cilium-default=true",
			"kubectl -n kube-system delete pod --field-selector spec.nodeName=$NODE -l k8s-app=cilium",
			"kubectl -n kube-system rollout status ds/cilium -w   # then restart the node",
			"kubectl uncordon $NODE",
		},
		Checks: []string{"cilium status --wait", "kubectl get pods -A -o wide --field-selector spec.nodeName=$NODE   # addresses of the new range"},
		Rollback: []string{
			"kubectl cordon $NODE && kubectl drain --ignore-daemonsets --delete-emptydir-data $NODE",
			"kubectl label node $NODE io.cilium.migration/cilium-default-",
			"kubectl -n kube-system delete pod --field-selector spec.nodeName=$NODE -l k8s-app=cilium",
			"# remove 05-cilium.conflist from /etc/cni/net.d of the node (Cilium has put Calico's aside as *.cilium_bak), then restart the node",
			"kubectl uncordon $NODE",
		},
	})
	moving := len(e.Runbook.Steps)
	e.swapStandard()
	e.addStep(RunbookStep{
		Title: "Enforce",
		Text:  "Cilium polices every pod by the whole set from the moment when its agent has restarted, node by node. No pod meets a part of the set.",
		Safe:  "The window closes. Established connections are judged again and cut if policy denies them.",
		Commands: []string{
			"helm upgrade cilium cilium/cilium --namespace kube-system --version " + e.Target.Version + " --reuse-values \\\n" +
				"  --set policyEnforcementMode=default --set operator.unmanagedPodWatcher.restart=true --set cni.customConf=false",
			"kubectl -n kube-system rollout restart ds/cilium && kubectl -n kube-system rollout status ds/cilium -w",
		},
		Checks: []string{
			"kubectl get cnp,ccnp -A   # VALID is True for each",
			"hubble observe --verdict DROPPED --last 10000 -o json > dropped.jsonl",
			e.again("--flows dropped.jsonl") + "   # what was dropped is what both ends drop",
		},
		Rollback: []string{"helm upgrade cilium cilium/cilium --namespace kube-system --version " + e.Target.Version + " --reuse-values --set policyEnforcementMode=never"},
	})
	enforced := len(e.Runbook.Steps)
	e.deleteOld([]string{
		"kubectl delete -n kube-system ciliumnodeconfig cilium-default",
		"# delete Calico as it was installed: its operator or its manifests; then restart the nodes, which removes its rules",
	}, []string{"# install Calico again as it was, and move the nodes back one by one"})
	e.openWindow(moving, enforced, "nothing polices the pods of the nodes that are moved")
}

// ciliumNodeConfig has Cilium take over the nodes that have the label.
const ciliumNodeConfig = `kubectl apply --server-side -f - <<'EOF'
apiVersion: cilium.io/v2
kind: CiliumNodeConfig
metadata: {namespace: kube-system, name: cilium-default}
spec:
  nodeSelector: {matchLabels: {io.cilium.migration/cilium-default: "true"}}
  defaults:
    write-cni-conf-when-ready: /host/etc/cni/net.d/05-cilium.conflist
    custom-cni-conf: "false"
    cni-chaining-mode: "none"
    cni-exclusive: "true"
EOF`
