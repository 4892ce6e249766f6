package replay

import (
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
)

// PartyKind says what a party is.
type PartyKind string

// The kinds of parties.
const (
	Workload PartyKind = "workload"
	// NodeKind are nodes; those that no policy tells apart are one party.
	NodeKind PartyKind = "node"
	// Outside are addresses outside the cluster, by a DNS name or the name of a set where there is one.
	Outside PartyKind = "outside"
	// Nobody is an end that cannot be placed.
	Nobody PartyKind = "unknown"
)

// Party is an end of connections as people speak of it: a workload, a node, an address outside the cluster.
type Party struct {
	Kind PartyKind
	// Namespace is that of a workload.
	Namespace string
	// Name is that of the workload, the node, or what is known of the address.
	Name string
}

// String is how reports name the party.
func (p Party) String() string {
	switch {
	case p.Namespace != "":
		return p.Namespace + "/" + p.Name
	case p.Kind == NodeKind:
		return "node:" + p.Name
	}
	return p.Name
}

var (
	// Names that are generated end in five of these letters, templates are named by up to ten
	// (k8s.io/apimachinery/pkg/util/rand).
	randomEnd = regexp.MustCompile(`-[bcdfghjklmnpqrstvwxz2456789]{5}$`)
	hashEnd   = regexp.MustCompile(`-[bcdfghjklmnpqrstvwxz2456789]{6,10}$`)
	ordinal   = regexp.MustCompile(`-[0-9]+$`)
	// schedule is the end of the name of a Job that a CronJob has made: minutes since 1970, once seconds.
	schedule = regexp.MustCompile(`-[0-9]{8,10}$`)
)

// workloadOf tells the workload of a pod by the labels that its controller gives it.
func workloadOf(p *cluster.Pod) string {
	name := p.Name
	if hash := p.Labels["pod-template-hash"]; hash != "" {
		if i := strings.LastIndex(name, "-"+hash+"-"); i > 0 {
			return name[:i]
		}
	}
	for _, key := range []string{"batch.kubernetes.io/job-name", "job-name"} {
		if job := p.Labels[key]; job != "" {
			return schedule.ReplaceAllString(job, "")
		}
	}
	if p.Labels["controller-revision-hash"] != "" || p.Labels["apps.kubernetes.io/pod-index"] != "" {
		if ordinal.MatchString(name) {
			return ordinal.ReplaceAllString(name, "")
		}
		return randomEnd.ReplaceAllString(name, "")
	}
	return name
}

// workloadNamed guesses the workload of a pod that is gone by its name.
func workloadNamed(name string) string {
	name = strings.TrimSuffix(name, "-")
	if short := randomEnd.ReplaceAllString(name, ""); short != name {
		name = short
		name = schedule.ReplaceAllString(name, "")
	}
	return hashEnd.ReplaceAllString(name, "")
}
