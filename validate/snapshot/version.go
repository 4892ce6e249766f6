package snapshot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
)

// versions gathers what objects say of the CNIs' versions.
type versions struct {
	// calico and cilium have the version found in each object, by the object's name.
	calico, cilium map[string]string
	// stated are what a ClusterFacts document says, which counts where no object of the cluster does.
	stated struct{ calico, cilium map[string]string }
}

// tagged finds the version in the tag of an image: quay.io/cilium/cilium:v1.20.1@sha256:..., calico/node:v3.31.0.
var tagged = regexp.MustCompile(`:v?(\d+\.\d+\.\d+)[^/:@]*(?:@sha256:[0-9a-f]+)?$`)

// read takes a DaemonSet, a ClusterInformation or a ClusterFacts document into account.
func (v *versions) read(raw fields) {
	meta, _ := raw["metadata"].(fields)
	spec, _ := raw["spec"].(fields)
	namespace, _ := meta["namespace"].(string)
	name, _ := meta["name"].(string)
	kind, _ := raw["kind"].(string)
	switch {
	case kind == "ClusterInformation" && name == "default":
		text, _ := spec["calicoVersion"].(string)
		v.note(&v.calico, "ClusterInformation default", text)
	case kind == "ClusterFacts":
		for name, into := range map[string]*map[string]string{"calico": &v.stated.calico, "cilium": &v.stated.cilium} {
			settings, _ := spec[name].(fields)
			text, _ := settings["version"].(string)
			v.note(into, "ClusterFacts", text)
		}
	case kind == "DaemonSet" && (name == "calico-node" || name == "cilium" || name == "canal"):
		into, container := &v.calico, "calico-node"
		if name == "cilium" {
			into, container = &v.cilium, "cilium-agent"
		}
		template, _ := spec["template"].(fields)
		pod, _ := template["spec"].(fields)
		containers, _ := pod["containers"].([]any)
		for _, c := range containers {
			c, _ := c.(fields)
			image, _ := c["image"].(string)
			if m := tagged.FindStringSubmatch(image); c["name"] == container && m != nil {
				v.note(into, "DaemonSet "+namespace+"/"+name, m[1])
			}
		}
	}
}

func (v *versions) note(into *map[string]string, from, text string) {
	// What is no version says nothing: a branch name, or the digest of an image alone.
	parsed, err := compat.ParseVersion(text)
	if err != nil {
		return
	}
	if *into == nil {
		*into = map[string]string{}
	}
	(*into)[from] = parsed.String()
}

// found are both CNIs as far as something tells their versions.
func (v *versions) found() (calico, cilium *CNI) {
	return cni(v.calico, v.stated.calico), cni(v.cilium, v.stated.cilium)
}

// cni is the version that runs. What the agents' DaemonSet says counts before what Calico notes of itself: the note is
// written when an agent starts, and stays behind when Calico is taken away.
func cni(found, stated map[string]string) *CNI {
	if len(found) == 0 {
		found = stated
	}
	if len(found) == 0 {
		return nil
	}
	var from []string
	for f := range found {
		from = append(from, f)
	}
	slices.SortFunc(from, func(a, b string) int {
		x, y := strings.HasPrefix(a, "DaemonSet"), strings.HasPrefix(b, "DaemonSet")
		if x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	})
	out := &CNI{Version: found[from[0]], From: from[0]}
	for _, f := range from[1:] {
		if found[f] != out.Version && !slices.Contains(out.Others, found[f]) {
			out.Others = append(out.Others, found[f])
		}
	}
	slices.Sort(out.Others)
	return out
}
