package cilium

import "fmt"

// conflict says why the rules of one direction cannot be merged, or is empty. Rules that allow the same peer at the
// same port are merged; when they ask for different proxies, Cilium computes no policy at all for the endpoint
// (pkg/policy/rule.go, mergePortProto).
func conflict(rules []*rule) string {
	type place struct {
		tier     tier
		protocol uint8
		low      uint16
		high     uint16
		name     string
		peer     string
	}
	type holder struct {
		rule *rule
		port *portMatch
	}
	seen := map[place][]holder{}
	for _, r := range rules {
		if r.action != actionAllow || r.peers.nobody {
			continue
		}
		names := []string{""}
		if len(r.peers.list) > 0 {
			names = nil
		}
		for _, p := range r.peers.list {
			names = append(names, p.String())
		}
		for i := range r.ports {
			m := &r.ports[i]
			if m.layer7 == nil && r.authentication == "" {
				continue
			}
			for _, name := range names {
				at := place{r.tier, m.protocol, m.low, m.high, m.name, name}
				for _, other := range seen[at] {
					if why := clash(other.rule, r, other.port.layer7, m.layer7); why != "" {
						return fmt.Sprintf("%s and %s cannot be merged: %s", other.rule.policy, r.policy, why)
					}
				}
				seen[at] = append(seen[at], holder{r, m})
			}
		}
	}
	return ""
}

// clash says what two rules for the same peer and port disagree about, or is empty.
func clash(a, b *rule, pa, pb *layer7) string {
	if a.authentication != "" && b.authentication != "" && a.authentication != b.authentication {
		return "different authentication"
	}
	if pa == nil || pb == nil {
		return ""
	}
	switch {
	case pa.parser != pb.parser && !promotes(pa.parser, pb.parser) && !promotes(pb.parser, pa.parser):
		return fmt.Sprintf("%s and %s", pa.parser, pb.parser)
	case pa.contexts != "" && pb.contexts != "" && pa.contexts != pb.contexts:
		return "different TLS contexts or listeners"
	case (pa.sni || pb.sni) && !pa.terminates && !pb.terminates && (pa.parser == parserHTTP || pb.parser == parserHTTP):
		return "server names and HTTP without termination of TLS"
	}
	return ""
}

// promotes reports whether a connection that one proxy takes may be given to the other instead.
func promotes(from, to parser) bool { return from == parserTLS && to == parserHTTP }
