package calico

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// Calico's open-source policy has no DNS names. With a cache of what Cilium has learned, the addresses of the names in
// a rule become a GlobalNetworkSet that the rule selects by its label.
const (
	labelFQDN       = "policyferry.io/fqdn"
	annotationNames = "policyferry.io/fqdn-names"
	annotationSince = "policyferry.io/fqdn-since"
	namesSetPrefix  = "policyferry-fqdn-"
	// maxSetNets keeps a set well below what the API server stores in one object.
	maxSetNets = 5000
)

// frozenNames is what the cache knows about the names of one rule.
type frozenNames struct {
	names, missing []string
	since          string
	// nets are the addresses outside the cluster, unsure are those that may be pods or nodes.
	nets, unsure cidr.Set
}

// frozen looks names up. Names never mean pods or nodes (pkg/ipcache/metadata.go, resolveLabels), and a network set
// would match them, so their addresses are left out. Sets are shared, so it does not matter whether pods or nodes are
// meant besides.
func (t *target) frozen(names []string) frozenNames {
	answer := t.env.FQDNCache.Find(names, t.env.Source.Version)
	out := frozenNames{names: fqdn.Canonical(names, t.env.Source.Version), missing: answer.Missing, since: "an unknown time"}
	if !answer.Since.IsZero() {
		out.since = answer.Since.Format(time.RFC3339)
	}
	// The namespace only says that pods cannot be left out by a selector: a set cannot do that.
	inside, _, _ := t.insiders(answer.Addresses, model.Peer{}, "any", false)
	out.nets = answer.Addresses.Subtract(inside)
	out.unsure = inside
	if t.space.podsKnown {
		out.unsure = out.unsure.Subtract(t.space.pods)
	}
	if t.space.facts.Nodes != nil {
		out.unsure = out.unsure.Subtract(t.space.nodeAddresses(selector.All()))
	}
	return out
}

// names fits the DNS names of a peer. Without a cache nothing can be said about them.
func (b *boxFitter) names(f *fittedPeer) {
	names := f.lower.Names
	f.lower.Names, f.upper.Names = nil, nil
	switch {
	case len(names) == 0:
		return
	case b.env.FQDNCache == nil || b.action != model.Allow:
		f.upper.World = cidr.All()
		f.lose(diag.FQDN, "Calico has no DNS names", "write the addresses as CIDRs, or give those that Cilium knows with --fqdn-cache")
		return
	}
	known := b.frozen(names)
	if !known.nets.IsEmpty() {
		f.lower.Names, f.upper.Names = known.names, known.names
	}
	if !known.unsure.IsEmpty() {
		f.upper.World = f.upper.World.Union(known.unsure)
		f.lose(diag.NeedsFact, "which of the addresses that Cilium knew at "+known.since+" for "+strings.Join(known.names, ", ")+" belong to pods and nodes is not known, and a network set would match those as well",
			insidersHint(b.space))
	}
	if known.nets.IsEmpty() && known.unsure.IsEmpty() {
		f.lose(diag.FQDN, "the FQDN cache has no address outside the cluster for "+strings.Join(known.names, ", "),
			"list the cache on a node where pods use the names")
	}
}

// nameEntities writes names as the label of the set that holds their addresses.
func (w *policyWriter) nameEntities(names []string, rule *model.Rule) []entityRule {
	if len(names) == 0 {
		return nil
	}
	known := w.frozen(names)
	missing := ""
	if len(known.missing) > 0 {
		missing = "; no address is known of " + strings.Join(known.missing, ", ")
	}
	count := "addresses"
	if n := addresses(known.nets); n == 1 {
		count = "address"
	}
	w.note(rule.Origin, diag.Frozen, "list the FQDN cache and translate again when the addresses change",
		"%s become the %d %s that Cilium knew at %s: what they get later is not allowed, and what they lose stays allowed%s",
		strings.Join(known.names, ", "), addresses(known.nets), count, known.since, missing)
	value := namesValue(known.names)
	w.raiser.names[value] = known.names
	return []entityRule{{Selector: labelFQDN + " == " + quoted(value), NamespaceSelector: "global()"}}
}

// addresses is how many single addresses the set holds, which consists of some of those of the cache.
func addresses(set cidr.Set) int {
	n := 0
	for _, p := range set.Prefixes() {
		n += 1 << (p.Addr().BitLen() - p.Bits())
	}
	return n
}

// namesValue is the value of the label for a list of names: the first of them, to be recognised, and a sum over all.
func namesValue(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	slug := validLabel(names[0])
	if strings.Trim(names[0], "*.") == "" {
		slug = "any"
	}
	if len(slug) > 40 {
		slug = strings.TrimRight(slug[:40], "-")
	}
	return slug + "-" + hex.EncodeToString(sum[:5])
}

// nameSets is the sets of the names in use.
func (r *raiser) nameSets() []any {
	var out []any
	for _, value := range slices.Sorted(maps.Keys(r.names)) {
		known := r.frozen(r.names[value])
		part := 0
		for nets := range slices.Chunk(known.nets.Prefixes(), maxSetNets) {
			name := namesSetPrefix + value
			if part++; part > 1 {
				name = fmt.Sprintf("%s-%d", name, part)
			}
			out = append(out, &object{APIVersion: apiVersion, Kind: "GlobalNetworkSet", Metadata: metadata{
				Name: name, Labels: map[string]string{labelFQDN: value},
				Annotations: map[string]string{annotationNames: strings.Join(known.names, ", "), annotationSince: known.since},
			}, Spec: setSpec{texts(nets)}})
		}
	}
	return out
}
