// Package learned makes policies those of a moment at which Cilium has learned DNS names. The judges learn none
// themselves.
package learned

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// Find says which addresses some names and patterns have, outside the cluster: a name never means a pod or a node
// (cilium: pkg/ipcache/metadata.go, resolveLabels).
type Find func(names []string) []netip.Prefix

// Policies are the policies with toFQDNs, and domainNames, replaced by the addresses of their names, as toCIDR selects
// them. Rules of whose names no address is known stay as they are.
func Policies(policies []*source.Document, find Find) ([]*source.Document, error) {
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
		if !learn(object, find) {
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
func learn(object map[string]any, find Find) (changed bool) {
	rules, _ := object["specs"].([]any)
	for _, spec := range append(rules[:len(rules):len(rules)], object["spec"]) {
		spec, _ := spec.(map[string]any)
		egress, _ := spec["egress"].([]any)
		for _, rule := range egress {
			rule, _ := rule.(map[string]any)
			if nets := addresses(namesOf(rule["toFQDNs"]), find); len(nets) > 0 {
				delete(rule, "toFQDNs")
				rule["toCIDR"], changed = nets, true
			}
			peers, _ := rule["to"].([]any)
			for _, peer := range peers {
				peer, _ := peer.(map[string]any)
				if nets := addresses(domainNames(peer["domainNames"]), find); len(nets) > 0 {
					delete(peer, "domainNames")
					peer["networks"], changed = nets, true
				}
			}
		}
	}
	return changed
}

func addresses(names []string, find Find) []string {
	if len(names) == 0 {
		return nil
	}
	var out []string
	for _, p := range find(names) {
		out = append(out, p.String())
	}
	return out
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
