package replay

import (
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// podOf places a pod. One that is not in the cluster facts any more is placed among the pods that are like it: by its
// labels, or else by its workload. If there are none, what the log tells of it may be enough.
func (p *placer) podOf(e *flow.End) *placed {
	if known := p.pods[e.Namespace+"/"+e.Name]; known != nil {
		return known
	}
	party := Party{Kind: Workload, Namespace: e.Namespace, Name: gone(e)}
	like := p.alike(e)
	if len(like) == 0 {
		if _, set := p.sets[e.Namespace+"/"+e.Name]; set && e.Name != "" { // Whisker does not tell pods and sets apart
			return p.setOf(e)
		}
		if ghost := p.ghost(e, party); ghost != nil {
			return ghost
		}
		return p.nobody(party, "the pod is gone, and no pod of the cluster facts is like it")
	}
	classes := map[int32]string{}
	for _, name := range like {
		class, _ := p.classes.Pod(name)
		if _, known := classes[class]; !known {
			classes[class] = name
		}
	}
	if len(classes) == 1 {
		in := p.pods[like[0]]
		return &placed{place: in.place, end: in.end, node: in.node, standsIn: true}
	}
	var ends []verdict.Endpoint
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		ends = append(ends, verdict.Endpoint{Pod: classes[class]})
	}
	out := p.anyOf(party, ends, "")
	out.standsIn = true
	return out
}

// gone names the workload of a pod that the facts do not show.
func gone(e *flow.End) string {
	switch {
	case e.Workload != "":
		return e.Workload
	case e.Name != "":
		return workloadNamed(e.Name)
	case e.Prefix != "":
		return workloadNamed(e.Prefix)
	case e.Namespace != "":
		return "(" + strings.Join(slices.Sorted(slices.Values(e.Labels)), ",") + ")"
	}
	return "a pod"
}

// alike are the pods that an end may be, sorted.
func (p *placer) alike(e *flow.End) []string {
	workload := gone(e)
	var byLabels, byName []string
	for _, name := range p.byNamespace[e.Namespace] {
		pod := p.facts.Pods[name]
		if _, classed := p.classes.Pod(name); !classed || e.Account != "" && pod.ServiceAccount != "" && pod.ServiceAccount != e.Account {
			continue
		}
		named := e.Prefix != "" && strings.HasPrefix(pod.Name, e.Prefix) || p.pods[name].party.Name == workload
		switch {
		case len(e.Labels) > 0 && p.carries(pod, e):
			byLabels = append(byLabels, name)
			if named {
				byName = append(byName, name)
			}
		case len(e.Labels) == 0 && named:
			byName = append(byName, name)
		}
	}
	if len(byName) > 0 {
		return byName
	}
	return byLabels
}

// passing are labels that differ between the pods of one workload, or between its revisions.
var passing = map[string]bool{
	"pod-template-hash": true, "controller-revision-hash": true, "pod-template-generation": true,
	"statefulset.kubernetes.io/pod-name": true, "apps.kubernetes.io/pod-index": true,
	"batch.kubernetes.io/controller-uid": true, "controller-uid": true, "batch.kubernetes.io/job-name": true, "job-name": true,
	"batch.kubernetes.io/job-completion-index": true,
}

// carries reports whether a pod has the labels of an end, and none beside them that a policy may ask for. A log of
// Calico tells labels that its pods have in common, so what it leaves out may still be there.
func (p *placer) carries(pod *cluster.Pod, e *flow.End) bool {
	told := map[string]bool{}
	for _, label := range e.Labels {
		key, value, _ := strings.Cut(label, "=")
		told[key] = true
		if passing[key] && !p.classes.InPlay(key) || calicoOwn(key) {
			continue
		}
		if own, has := pod.Labels[key]; !has || own != value {
			return false
		}
	}
	if e.Prefix != "" {
		return true
	}
	for key := range pod.Labels {
		if !told[key] && p.classes.InPlay(key) && !passing[key] {
			return false
		}
	}
	return true
}

// calicoOwn are labels that Calico adds to a workload endpoint.
func calicoOwn(key string) bool {
	return strings.HasPrefix(key, "projectcalico.org/") || strings.HasPrefix(key, "pcns.") || strings.HasPrefix(key, "pcsa.")
}
