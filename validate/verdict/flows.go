package verdict

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Flow is one line of a table of flows: a connection and the verdict it must get.
type Flow struct {
	Connection
	// Line counts from 1 in the text that was parsed.
	Line int
	// Text is the line without its comment.
	Text    string
	Want    Want
	Comment string
}

// Want is the verdict that a flow must get: of the connection as a whole, or of its ends. Fields left empty are not
// asked about.
type Want struct {
	// Whole is Allow when no end may deny, and Deny when at least one end must.
	Whole Action
	// Egress and Ingress are the verdicts at the source and at the destination.
	Egress, Ingress Action
}

// String returns the form that ParseFlows reads.
func (w Want) String() string {
	var parts []string
	if w.Whole != "" {
		parts = append(parts, string(w.Whole))
	}
	if w.Egress != "" {
		parts = append(parts, "egress:"+string(w.Egress))
	}
	if w.Ingress != "" {
		parts = append(parts, "ingress:"+string(w.Ingress))
	}
	return strings.Join(parts, ",")
}

// Met reports whether a verdict is the wanted one. An Unknown end meets only a wish for Unknown, except that a deny
// at the other end decides the connection as a whole.
func (w Want) Met(v Verdict) bool {
	denied := v.Egress == Deny || v.Ingress == Deny
	unknown := v.Egress == Unknown || v.Ingress == Unknown
	switch {
	case w.Whole == Allow && (denied || unknown), w.Whole == Deny && !denied:
		return false
	case w.Egress != "" && v.Egress != w.Egress, w.Ingress != "" && v.Ingress != w.Ingress:
		return false
	}
	return true
}

// ParseFlows reads a table of flows, one a line:
//
//	from        to               protocol/port  verdict                  # comment
//	shop/web-0  shop/db-0        tcp/5432       allow
//	shop/web-0  203.0.113.7      icmp/3.4       egress:deny
//	node:n1     shop/db-0        47             egress:none,ingress:allow
//	10.0.0.1    shop/db-0        udp/53         deny  ipv6  sport:53
//
// An end is namespace/pod, node:name or an address. A protocol is tcp, udp, sctp or udplite with a port, icmp or
// icmpv6 with a type and, after a dot, a code, or a number alone. A verdict is allow or deny for the connection as a
// whole, or egress: and ingress: with allow, deny, unknown or none. After it may stand ipv6 and sport:PORT. Empty
// lines and lines that begin with # are passed over; anything else is an error with its line.
func ParseFlows(text string) ([]Flow, error) {
	var flows []Flow
	for i, line := range strings.Split(text, "\n") {
		content, comment, _ := strings.Cut(line, "#")
		words := strings.Fields(content)
		if len(words) == 0 {
			continue
		}
		flow, err := parseFlow(words)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		flow.Line, flow.Text, flow.Comment = i+1, strings.TrimSpace(content), strings.TrimSpace(comment)
		flows = append(flows, flow)
	}
	return flows, nil
}

func parseFlow(words []string) (Flow, error) {
	if len(words) < 4 {
		return Flow{}, fmt.Errorf("%d words instead of: from, to, protocol/port, verdict", len(words))
	}
	f := Flow{Connection: Connection{SourcePort: 40000}}
	var err error
	if f.From, err = ParseEndpoint(words[0]); err != nil {
		return f, err
	}
	if f.To, err = ParseEndpoint(words[1]); err != nil {
		return f, err
	}
	if err = f.parseProtocol(words[2]); err != nil {
		return f, err
	}
	if f.Want, err = parseWant(words[3]); err != nil {
		return f, err
	}
	for _, word := range words[4:] {
		if err = f.parseOption(word); err != nil {
			return f, err
		}
	}
	return f, nil
}

// ParseEndpoint reads what Endpoint.String writes.
func ParseEndpoint(word string) (Endpoint, error) {
	if name, ok := strings.CutPrefix(word, "node:"); ok && name != "" {
		return Endpoint{Node: name}, nil
	}
	if a, err := netip.ParseAddr(word); err == nil && a.Zone() == "" {
		return Endpoint{Addr: a.Unmap()}, nil
	}
	if ns, name, ok := strings.Cut(word, "/"); ok && ns != "" && name != "" && !strings.Contains(name, "/") {
		return Endpoint{Pod: word}, nil
	}
	return Endpoint{}, fmt.Errorf("%q is not namespace/pod, node:name or an address", word)
}

var protocolNumbers = map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "sctp": 132, "udplite": 136}

func (f *Flow) parseProtocol(word string) error {
	name, rest, slash := strings.Cut(word, "/")
	if !slash {
		n, err := strconv.ParseUint(word, 10, 8)
		if err != nil || n == 0 {
			return fmt.Errorf("%q is not protocol/port or a protocol number", word)
		}
		f.Protocol = uint8(n)
		return nil
	}
	var known bool
	if f.Protocol, known = protocolNumbers[name]; !known {
		return fmt.Errorf("%q is not one of the protocols icmp, icmpv6, sctp, tcp, udp, udplite", name)
	}
	if name != "icmp" && name != "icmpv6" {
		port, err := strconv.ParseUint(rest, 10, 16)
		if err != nil || port == 0 {
			return fmt.Errorf("%q is not a port", rest)
		}
		f.Port = uint16(port)
		return nil
	}
	kind, code, _ := strings.Cut(rest, ".")
	if code == "" && !strings.HasSuffix(rest, ".") {
		code = "0"
	}
	t, errType := strconv.ParseUint(kind, 10, 8)
	c, errCode := strconv.ParseUint(code, 10, 8)
	if errType != nil || errCode != nil {
		return fmt.Errorf("%q is not an ICMP type, or type.code", rest)
	}
	f.ICMPType, f.ICMPCode = uint8(t), uint8(c)
	return nil
}

func parseWant(word string) (Want, error) {
	if a := Action(word); a == Allow || a == Deny {
		return Want{Whole: a}, nil
	}
	var w Want
	for _, part := range strings.Split(word, ",") {
		end, action, _ := strings.Cut(part, ":")
		into := map[string]*Action{"egress": &w.Egress, "ingress": &w.Ingress}[end]
		if into == nil || *into != "" || !slices.Contains([]Action{Allow, Deny, Unknown, None}, Action(action)) {
			return w, fmt.Errorf("%q is not a verdict: write allow, deny, egress:deny or egress:allow,ingress:deny", word)
		}
		*into = Action(action)
	}
	return w, nil
}

func (f *Flow) parseOption(word string) error {
	if word == "ipv6" && f.IPVersion == 0 {
		f.IPVersion = 6
		return nil
	}
	if text, ok := strings.CutPrefix(word, "sport:"); ok {
		port, err := strconv.ParseUint(text, 10, 16)
		if err == nil && port > 0 {
			f.SourcePort = uint16(port)
			return nil
		}
	}
	return fmt.Errorf("%q after the verdict is neither ipv6 nor sport:PORT", word)
}
