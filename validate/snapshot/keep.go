package snapshot

import (
	"encoding/json"
	"slices"
	"strings"
)

// keep returns what a snapshot holds of an object. The kinds of the inventory are cut down to what policy sees of them;
// all others keep their spec. What a server or a controller writes about an object is left out, and so is whatever could
// hold a secret: the environment, commands and volumes of pods, and annotations that are none of policy's.
func keep(r *Resource, raw fields) fields {
	out := fields{"metadata": keepMetadata(r, raw)}
	switch r.Kind {
	case "Namespace", "ServiceAccount":
	case "Pod":
		keepPod(out, raw)
	case "Node":
		set(out, "spec", pick(raw["spec"], "podCIDR", "podCIDRs"))
		set(out, "status", pick(raw["status"], "addresses"))
	case "Service":
		set(out, "spec", raw["spec"])
		set(out, "status", pick(raw["status"], "loadBalancer"))
	case "EndpointSlice":
		keepSlice(out, raw)
	case "Endpoints":
		set(out, "subsets", each(raw["subsets"], func(subset fields) fields {
			set(subset, "addresses", each(subset["addresses"], withTarget))
			set(subset, "notReadyAddresses", each(subset["notReadyAddresses"], withTarget))
			return subset
		}))
	case "ConfigMap":
		set(out, "data", raw["data"])
	case "DaemonSet":
		keepImages(out, raw)
	case "CiliumNode":
		keepCiliumNode(out, raw)
	case "ClusterInformation":
		set(out, "spec", pick(raw["spec"], "calicoVersion", "clusterType", "datastoreReady", "variant"))
	default:
		set(out, "spec", raw["spec"])
		set(out, "specs", raw["specs"])
	}
	return out
}

// annotations whose meaning policy, or the runbook of a move, depends on: those of policyferry and of the two CNIs.
var keptAnnotations = []string{
	"policyferry.io/", "projectcalico.org/", "cni.projectcalico.org/", "network.cilium.io/", "io.cilium.network.", "policy.cilium.io/",
	"service.cilium.io/", "io.cilium/", "lbipam.cilium.io/", "egressgateway.cilium.io/", "ipam.cilium.io/",
}

// droppedAnnotations change with every pod and say nothing of policy.
var droppedAnnotations = []string{"cni.projectcalico.org/containerID", "projectcalico.org/kube-labels"}

func keepMetadata(r *Resource, raw fields) fields {
	meta, _ := raw["metadata"].(fields)
	out := pick(meta, "name", "labels")
	if r.Namespaced {
		set(out, "namespace", meta["namespace"])
	}
	annotations := fields{}
	given, _ := meta["annotations"].(fields)
	for key, value := range given {
		if slices.ContainsFunc(keptAnnotations, func(p string) bool { return strings.HasPrefix(key, p) }) && !slices.Contains(droppedAnnotations, key) {
			annotations[key] = value
		}
	}
	if text, ok := annotations[storedMetadata].(string); ok && r.Group == calicoStore {
		annotations[storedMetadata] = keepStored(text)
	}
	set(out, "annotations", annotations)
	if labels, ok := out["labels"].(fields); ok && len(labels) == 0 {
		delete(out, "labels")
	}
	return out
}

// storedMetadata is the annotation in which Calico keeps an object's own metadata beside its custom resource
// (libcalico-go/lib/backend/k8s/resources/resources.go).
const storedMetadata = "projectcalico.org/metadata"

// keepStored leaves of it what has a meaning: the name and the labels. What cannot be read is left for whoever reads it.
func keepStored(text string) string {
	var meta fields
	if json.Unmarshal([]byte(text), &meta) != nil {
		return text
	}
	kept, err := json.Marshal(pick(meta, "name", "labels"))
	if err != nil {
		return text
	}
	return string(kept)
}

func keepPod(out, raw fields) {
	spec := pick(raw["spec"], "nodeName", "serviceAccountName", "serviceAccount")
	if spec["serviceAccountName"] != nil {
		delete(spec, "serviceAccount") // the older name of the same field
	}
	given, _ := raw["spec"].(fields)
	if given["hostNetwork"] == true {
		spec["hostNetwork"] = true
	}
	container := func(c fields) fields {
		kept := pick(c, "name", "restartPolicy")
		set(kept, "ports", each(c["ports"], func(p fields) fields { return pick(p, "name", "containerPort", "hostPort", "protocol") }))
		return kept
	}
	set(spec, "containers", each(given["containers"], container))
	set(spec, "initContainers", each(given["initContainers"], container))
	set(out, "spec", spec)
	set(out, "status", pick(raw["status"], "phase", "hostIP", "podIP", "podIPs"))
}

func keepSlice(out, raw fields) {
	set(out, "addressType", raw["addressType"])
	set(out, "ports", raw["ports"])
	set(out, "endpoints", each(raw["endpoints"], func(e fields) fields {
		return withTarget(pick(e, "addresses", "conditions", "nodeName", "targetRef"))
	}))
}

func keepCiliumNode(out, raw fields) {
	given, _ := raw["spec"].(fields)
	spec := pick(given, "addresses")
	if ipam := pick(given["ipam"], "podCIDRs"); len(ipam) > 0 {
		spec["ipam"] = ipam
	}
	set(out, "spec", spec)
}

// keepImages keeps of a DaemonSet which images it runs: versions are read from them, and then it is forgotten.
func keepImages(out, raw fields) {
	spec, _ := raw["spec"].(fields)
	template, _ := spec["template"].(fields)
	pod, _ := template["spec"].(fields)
	containers := each(pod["containers"], func(c fields) fields { return pick(c, "name", "image") })
	out["spec"] = fields{"template": fields{"spec": fields{"containers": containers}}}
}

// withTarget leaves of the object behind an address only which one it is.
func withTarget(address fields) fields {
	set(address, "targetRef", pick(address["targetRef"], "kind", "namespace", "name"))
	return address
}

// pick returns the members with these keys that are there and say something.
func pick(from any, keys ...string) fields {
	given, _ := from.(fields)
	out := fields{}
	for _, key := range keys {
		set(out, key, given[key])
	}
	return out
}

// each applies a function to the objects of a list.
func each(list any, change func(fields) fields) any {
	items, ok := list.([]any)
	if !ok {
		return nil
	}
	out := make([]any, 0, len(items))
	for _, item := range items {
		if object, ok := item.(fields); ok {
			out = append(out, change(object))
		}
	}
	return out
}

// set gives a member its value, or takes it away where there is none. What is empty inside a spec is kept: an empty
// selector means something.
func set(into fields, key string, value any) {
	empty := value == nil
	if m, ok := value.(fields); ok && len(m) == 0 && key != "spec" && key != "endpointSelector" {
		empty = true
	}
	if empty {
		delete(into, key)
		return
	}
	into[key] = value
}
