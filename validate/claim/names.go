package claim

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/world"
)

// learned are the policies of a moment at which Cilium has learned the names: toFQDNs selects the addresses of its
// names outside the cluster, as toCIDR does. The judge of Cilium learns none itself.
func (c *Claim) learned(policies []*source.Document, w *world.World) ([]*source.Document, error) {
	var out []*source.Document
	for _, doc := range policies {
		switch doc.Object.Kind {
		case "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "ClusterNetworkPolicy":
		default:
			out = append(out, doc)
			continue
		}
		text, err := doc.JSON()
		var object map[string]any
		if err == nil {
			err = json.Unmarshal(text, &object)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Pos, err)
		}
		if !c.learn(object, w) {
			out = append(out, doc)
			continue
		}
		if text, err = json.Marshal(object); err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Pos, err)
		}
		again, problems := source.ReadBytes(doc.Pos.File, text, source.Options{})
		if problems.Len() > 0 {
			return nil, fmt.Errorf("%s: %s", doc.Pos, problems.All()[0].Message)
		}
		for _, d := range again {
			d.Object = doc.Object
		}
		out = append(out, again...)
	}
	return out, nil
}

// learn goes through the rules of a policy, and reports whether one has names.
func (c *Claim) learn(object map[string]any, w *world.World) (changed bool) {
	rules, _ := object["specs"].([]any)
	for _, spec := range append(rules[:len(rules):len(rules)], object["spec"]) {
		spec, _ := spec.(map[string]any)
		egress, _ := spec["egress"].([]any)
		for _, rule := range egress {
			rule, _ := rule.(map[string]any)
			if nets := c.outside(namesOf(rule["toFQDNs"]), w); len(nets) > 0 {
				delete(rule, "toFQDNs")
				rule["toCIDR"], changed = nets, true
			}
			peers, _ := rule["to"].([]any)
			for _, peer := range peers {
				peer, _ := peer.(map[string]any)
				if nets := c.outside(domainNames(peer["domainNames"]), w); len(nets) > 0 {
					delete(peer, "domainNames")
					peer["networks"], changed = nets, true
				}
			}
		}
	}
	return changed
}

// namesOf are the names and patterns of toFQDNs.
func namesOf(selectors any) []string {
	var names []string
	list, _ := selectors.([]any)
	for _, s := range list {
		s, _ := s.(map[string]any)
		for _, key := range []string{"matchName", "matchPattern"} {
			if name, _ := s[key].(string); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// domainNames are those of a ClusterNetworkPolicy in Cilium's words: a star in front stands for any number of labels
// (cilium: pkg/k8s/cluster_network_policy.go, kcnpParseFQDNSelectors).
func domainNames(list any) []string {
	var names []string
	texts, _ := list.([]any)
	for _, text := range texts {
		name, _ := text.(string)
		if rest, wild := strings.CutPrefix(name, "*."); wild {
			name = "**." + rest
		}
		names = append(names, name)
	}
	return names
}

// outside are the addresses of names, without those of the cluster: a name never means a pod or a node
// (cilium: pkg/ipcache/metadata.go, resolveLabels).
func (c *Claim) outside(names []string, w *world.World) []string {
	if len(names) == 0 {
		return nil
	}
	inside := w.Facts.PodSet().Union(w.Facts.NodeSet())
	for _, p := range w.Facts.Pods {
		inside = inside.Union(cidr.OfAddrs(p.Addresses...))
	}
	for _, n := range w.Facts.Nodes {
		inside = inside.Union(cidr.OfAddrs(n.Addresses...))
	}
	var out []string
	for _, p := range c.Names.Find(names, c.Result.Source.Version).Addresses.Subtract(inside).Prefixes() {
		out = append(out, p.String())
	}
	return out
}
