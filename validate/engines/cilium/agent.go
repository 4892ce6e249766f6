package cilium

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/ipcache"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
)

// discard is the logger of Cilium's code: what it has to say that matters comes back as errors and verdicts.
var discard = slog.New(slog.DiscardHandler)

// agent is what one cilium-agent knows: the policies, and the identities as seen from its node.
type agent struct {
	cluster   *Cluster
	opts      Options
	view      view
	repo      *policy.Repository
	ipcache   *ipcache.IPCache
	allocator *testidentity.MockIdentityAllocator
	members   map[*pod]member
	names     names
	fqdn      []*types.PolicyEntry
	maps      map[mapKey]*policyMap
}

// newAgent builds an agent: the ipcache first, because policies and nodes give addresses their labels, then
// the pods, then the rules. The allocator is upstream's test double, the one stand-in on the path to a
// verdict; it numbers label sets and reserves what the real one reserves. It has no lock, so nothing is
// allocated while the ipcache, which works in a goroutine, still has prefixes to inject.
func newAgent(c *Cluster, policies []*policyObject, with parsing, v view, opts Options) (*agent, error) {
	a := &agent{
		cluster: c, opts: opts, view: v,
		allocator: testidentity.NewMockIdentityAllocator(nil),
		members:   map[*pod]member{},
		maps:      map[mapKey]*policyMap{},
		names:     names{titles: map[string]string{}, known: map[labels.LabelArrayListString][]string{}},
	}
	// The labels of the local host are a package variable, which the last agent may have added to.
	identity.AddReservedIdentityWithLabels(identity.ReservedIdentityHost, labels.LabelHost)
	reserved := identity.ListReservedIdentities()
	if !opts.do(reservedIdentities) {
		reserved = nil
	}
	// Secrets are not read but named to the proxy, as upstream's own tool for maps does it
	// (pkg/policy/commands/mapstate_diff.go); without a manager a rule that names one is a nil pointer.
	secrets := certificatemanager.NewMockSecretManagerSDS()
	a.repo = policy.NewPolicyRepository(discard, maps.Clone(reserved), nil,
		envoypolicy.NewEnvoyL7RulesTranslator(discard, secrets), identitymanager.NewIDManager(discard), nil)
	a.repo.UpdateIdentities(maps.Clone(reserved), nil)
	a.ipcache = ipcache.NewIPCache(&ipcache.Configuration{
		Context:           context.Background(),
		Logger:            discard,
		IdentityAllocator: a.allocator,
		IdentityUpdater:   a,
	})
	if opts.do(namedPorts) {
		a.repo.SetNamedPortsGetter(a.ipcache)
	}

	entries := make([]types.PolicyEntries, len(policies))
	for i, p := range policies {
		var err error
		if entries[i], err = p.parse(with); err != nil {
			return nil, fmt.Errorf("%s: parsed once, but not twice: %w", p.title(), err)
		}
		a.names.titles[p.uid] = p.title()
	}
	if err := a.injectPrefixes(entries); err != nil {
		return nil, err
	}
	if err := a.addPods(); err != nil {
		return nil, err
	}
	for i, p := range policies {
		a.repo.ReplaceByResource(entries[i], p.resource)
		a.fqdn = append(a.fqdn, fqdnEntries(entries[i])...)
	}
	return a, nil
}

// UpdateIdentities feeds new identities to both selector caches: the peers' and the subjects'. Both delete
// from the map they are given.
func (a *agent) UpdateIdentities(added, deleted identity.IdentityMap) <-chan struct{} {
	var told sync.WaitGroup
	a.repo.GetSelectorCache().UpdateIdentities(maps.Clone(added), maps.Clone(deleted), &told)
	if a.opts.do(subjectIdentities) {
		a.repo.UpdateIdentities(maps.Clone(added), maps.Clone(deleted))
	}
	told.Wait()
	done := make(chan struct{})
	close(done)
	return done
}
