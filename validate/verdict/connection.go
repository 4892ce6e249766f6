package verdict

import (
	"fmt"
	"strings"
)

// ParseConnection reads one connection as people write it, and as String prints it:
//
//	shop/web-0 shop/db-0 tcp/5432
//	pod shop/web-0 → node:n1 icmp/8.0 ipv6
//	203.0.113.7 -> shop/web-0 udp/53 sport:53
//
// The words pod, → and -> may be left out.
func ParseConnection(text string) (Connection, error) {
	var words []string
	for _, word := range strings.Fields(text) {
		if word != "pod" && word != "→" && word != "->" {
			words = append(words, word)
		}
	}
	if len(words) < 3 {
		return Connection{}, fmt.Errorf("%q is not a connection: write FROM TO PROTOCOL/PORT, such as shop/web-0 shop/db-0 tcp/5432", text)
	}
	f, err := parseFlow(append(append(words[:3:3], string(Allow)), words[3:]...))
	if err != nil {
		return Connection{}, fmt.Errorf("%q is not a connection: %w", text, err)
	}
	return f.Connection, nil
}

var protocolNames = map[uint8]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp", 136: "udplite"}

// String writes a connection so that ParseConnection reads it. The source port is shown when it is not the one that
// is assumed.
func (c Connection) String() string {
	end := func(e Endpoint) string {
		if e.Pod != "" {
			return "pod " + e.Pod
		}
		return e.String()
	}
	text := end(c.From) + " → " + end(c.To) + " " + c.Traffic()
	if c.IPVersion == 6 && c.Protocol != 58 && !c.From.Addr.IsValid() && !c.To.Addr.IsValid() {
		text += " ipv6"
	}
	return text
}

// Traffic writes protocol and port, without the ends.
func (c Connection) Traffic() string {
	name, known := protocolNames[c.Protocol]
	switch {
	case !known:
		return fmt.Sprint(c.Protocol)
	case c.Protocol == 1 || c.Protocol == 58:
		if c.ICMPCode == 0 {
			return fmt.Sprintf("%s/%d", name, c.ICMPType)
		}
		return fmt.Sprintf("%s/%d.%d", name, c.ICMPType, c.ICMPCode)
	case c.SourcePort != 0 && c.SourcePort != 40000:
		return fmt.Sprintf("%s/%d sport:%d", name, c.Port, c.SourcePort)
	}
	return fmt.Sprintf("%s/%d", name, c.Port)
}
