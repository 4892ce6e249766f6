package calico

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	"github.com/sirupsen/logrus"
)

// Version is the release of Calico whose code judges.
const Version = "v3.31.0"

// An Engine answers connections for one policy set in one cluster.
type Engine struct {
	// Rejections are the policy objects that are not enforced, in a stable order.
	Rejections []Rejection
	// Warnings tell what the verdicts stand on that the reader may not expect.
	Warnings []string

	options   options
	facts     Facts
	global    settings // as on a node without settings of its own
	crashed   string   // why no Felix runs at all, or ""
	pods      map[string]*pod
	nodes     map[string]*node
	addresses map[netip.Addr]place
	services  map[netip.Addr]string
}

// New reads the paths, files or directories, and lets Calico compute its rules. Policies and cluster are
// one pool: Calico's own objects may lie in either.
func New(policies, cluster []string) (*Engine, error) {
	return newEngine(slices.Concat(policies, cluster), options{})
}

func newEngine(paths []string, o options) (*Engine, error) {
	documents, err := readPaths(paths)
	if err != nil {
		return nil, err
	}
	return build(documents, o)
}

func build(documents []document, o options) (*Engine, error) {
	quiet()
	inv, err := takeInventory(documents, o)
	if err != nil {
		return nil, err
	}
	e := &Engine{options: o, facts: inv.facts}
	if e.global, err = settingsOf(inv.facts.Calico, inv.felix, ""); err != nil {
		return nil, err
	}
	if err := e.index(inv); err != nil {
		return nil, err
	}
	e.Warnings = append(e.Warnings, inv.warnings...)
	if version := inv.facts.Calico.Version; version != "" && strings.TrimPrefix(version, "v") != strings.TrimPrefix(Version, "v") {
		e.Warnings = append(e.Warnings, fmt.Sprintf("the cluster runs Calico %s, these verdicts are those of %s", version, Version))
	}
	err = e.program(inv)
	e.Rejections = inv.rejections
	sortRejections(e.Rejections)
	return e, err
}

// quiet keeps Felix's logs from standard error: what matters in them is in Rejections.
func quiet() { logrus.SetOutput(io.Discard) }

// program runs Calico's pipeline and compiles what comes out.
func (e *Engine) program(inv *inventory) error {
	all, err := inv.convert(e.options)
	var crash crashError
	if errors.As(err, &crash) {
		e.crashed = crash.Error()
		return nil
	}
	if err != nil {
		return err
	}
	list := all.sorted()
	display := map[string]string{}
	for _, one := range list {
		if one.document == nil {
			continue
		}
		if key, ok := one.kv.Key.(model.PolicyKey); ok {
			display[key.Name] = one.document.String()
		}
		if err := felixRefuses(one.kv); err != nil {
			inv.reject(one.document, fmt.Errorf("felix treats it as missing: %w", err))
		}
	}
	result, err := compute(asUpdates(list), e.options)
	if errors.As(err, &crash) {
		e.crashed = crash.Error()
		return nil
	}
	if err == nil {
		err = e.compile(result, display)
	}
	if err != nil {
		return Fault{err}
	}
	return nil
}

// compile attaches the computed chains to pods and host endpoints.
func (e *Engine) compile(from *computed, display map[string]string) error {
	b := &chainBuilder{
		options: e.options, policies: map[string]*policy{}, profiles: map[string]*policy{}, tiers: map[string]*tier{},
	}
	c := &compiler{sets: map[string]*ipSet{}, dataplane: e.global.dataplane, options: e.options}
	for id, update := range from.sets {
		set, err := newIPSet(update, e.options)
		if err != nil {
			return err
		}
		c.sets[id] = set
	}
	for name, computedPolicy := range from.policies {
		pol, err := c.policy(display[name], computedPolicy.InboundRules, computedPolicy.OutboundRules)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.policies[name] = pol
	}
	for name, profile := range from.profiles {
		pol, err := c.policy("profile "+name, profile.InboundRules, profile.OutboundRules)
		if err != nil {
			return fmt.Errorf("profile %s: %w", name, err)
		}
		b.profiles[name] = pol
	}
	for key, endpoint := range from.workloads {
		if pod := e.pods[key]; pod != nil {
			pod.chain = b.chain(endpoint.Tiers, endpoint.ProfileIds)
		}
	}
	e.compileHostEndpoints(b, from.hostEndpoints)
	if len(b.missing) > 0 {
		return fmt.Errorf("the calculation graph sent no %s", strings.Join(b.missing, ", "))
	}
	return nil
}

func (c *compiler) policy(display string, inbound, outbound []*proto.Rule) (*policy, error) {
	pol := &policy{display: display}
	var err error
	if pol.rules[ingress], err = c.compile(inbound); err != nil {
		return nil, err
	}
	pol.rules[egress], err = c.compile(outbound)
	return pol, err
}
