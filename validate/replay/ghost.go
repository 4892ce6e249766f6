package replay

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// mostGhosts is how many kinds of pods that are gone are told apart.
const mostGhosts = 10_000

// ghost places a pod that is gone and that no pod of the cluster facts is like, by what the log tells of it: a pod with
// its labels and its service account is added to the cluster before anything is judged. It is nil if the log does not
// tell enough. Which of the pods of one kind was met first must not matter, so none of them lends its name.
func (p *placer) ghost(e *flow.End, party Party) *placed {
	if e.Account == "" || e.Prefix != "" || e.Namespace == "" || !e.Addr.IsValid() {
		return nil
	}
	labels := map[string]string{}
	key := []string{e.Namespace, party.Name, e.Account, fmt.Sprint(p.classes.Address(e.Addr))}
	for _, label := range slices.Sorted(slices.Values(e.Labels)) {
		name, value, _ := strings.Cut(label, "=")
		if passing[name] && !p.classes.InPlay(name) {
			continue
		}
		labels[name] = value
		key = append(key, label)
	}
	class := strings.Join(key, "|")
	p.mu.Lock()
	pod := p.ghosts[class]
	if pod == nil && len(p.ghosts) < mostGhosts {
		if a, found := p.free(e.Addr); found {
			hash := fnv.New32a()
			_, _ = hash.Write([]byte(class))
			pod = &cluster.Pod{
				Namespace: e.Namespace, Name: fmt.Sprintf("%s-gone-%08x", party.Name, hash.Sum32()), Labels: labels,
				ServiceAccount: e.Account, Addresses: []netip.Addr{a},
			}
			p.ghosts[class], p.taken[a] = pod, true
		}
	}
	p.mu.Unlock()
	if pod == nil {
		return nil
	}
	return &placed{place: p.at(party, "gone|"+class, nil, ""), end: verdict.Endpoint{Pod: pod.Namespace + "/" + pod.Name}, standsIn: true}
}

// free finds an address that nobody has by now and that no policy tells apart from the one that the pod had.
func (p *placer) free(had netip.Addr) (netip.Addr, bool) {
	class := p.classes.Address(had)
	for a, n := had, 0; a.IsValid() && n < 1<<16 && p.classes.Address(a) == class; a, n = a.Next(), n+1 {
		if p.owners[a] == nil && !p.services[a] && !p.taken[a] {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// inhabited is a side that knows of the pods that are gone.
func (p *placer) inhabited(s *equiv.Side) (*equiv.Side, error) {
	if len(p.ghosts) == 0 {
		return s, nil
	}
	facts := *s.Facts
	facts.Pods = maps.Clone(facts.Pods)
	for _, pod := range p.ghosts {
		facts.Pods[pod.Namespace+"/"+pod.Name] = pod
	}
	return equiv.NewSide(equiv.Set{CNI: s.CNI, Documents: s.Documents}, &facts, nil)
}
