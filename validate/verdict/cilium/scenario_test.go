package cilium

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// A scenario is a txtar file: a paragraph that says what it shows and where upstream says so, the policies, facts
// and objects that the cluster of testdata/cluster.yaml has beside its own, and flows.
type scenario struct {
	policies, cluster []byte
	flows             []flow
}

// flow is one line of flows: from, to, protocol/port, and the verdicts where the connection leaves and enters.
type flow struct {
	line            int
	connection      verdict.Connection
	egress, ingress verdict.Action
}

func (f flow) String() string {
	return fmt.Sprintf("line %d: %s -> %s", f.line, f.connection.From, f.connection.To)
}

var protocolNumbers = map[string]uint8{
	"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "icmpv6": 58, "gre": 47, "udplite": 136,
}

// parseEnd reads namespace/pod, node:name or an address.
func parseEnd(text string) (verdict.Endpoint, error) {
	if name, ok := strings.CutPrefix(text, "node:"); ok {
		return verdict.Endpoint{Node: name}, nil
	}
	if strings.Contains(text, "/") {
		return verdict.Endpoint{Pod: text}, nil
	}
	addr, err := netip.ParseAddr(text)
	return verdict.Endpoint{Addr: addr}, err
}

// parseTraffic reads protocol, protocol/port, icmp/type and icmp/type/code.
func parseTraffic(text string, c *verdict.Connection) error {
	parts := strings.Split(text, "/")
	var ok bool
	if c.Protocol, ok = protocolNumbers[parts[0]]; !ok {
		return fmt.Errorf("unknown protocol %q", parts[0])
	}
	var numbers [2]uint16
	for i, part := range parts[1:] {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return err
		}
		numbers[i] = uint16(n)
	}
	if c.Protocol == 1 || c.Protocol == 58 {
		c.ICMPType, c.ICMPCode = uint8(numbers[0]), uint8(numbers[1])
	} else {
		c.Port, c.SourcePort = numbers[0], 40000
	}
	return nil
}

func parseFlows(text string) ([]flow, error) {
	var flows []flow
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 5 {
			return nil, fmt.Errorf("flows line %d: want from, to, traffic, egress, ingress", i+1)
		}
		f := flow{line: i + 1, egress: verdict.Action(words[3]), ingress: verdict.Action(words[4])}
		var err error
		if f.connection.From, err = parseEnd(words[0]); err != nil {
			return nil, fmt.Errorf("flows line %d: %w", i+1, err)
		}
		if f.connection.To, err = parseEnd(words[1]); err != nil {
			return nil, fmt.Errorf("flows line %d: %w", i+1, err)
		}
		if err := parseTraffic(words[2], &f.connection); err != nil {
			return nil, fmt.Errorf("flows line %d: %w", i+1, err)
		}
		flows = append(flows, f)
	}
	return flows, nil
}

func readScenario(t *testing.T, path string) scenario {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Comment) == 0 {
		t.Fatal("the scenario does not say what it shows")
	}
	s := scenario{cluster: base}
	for _, file := range archive.Files {
		switch file.Name {
		case "policies.yaml":
			s.policies = file.Data
		case "cluster.yaml":
			s.cluster = append(append(s.cluster, "---\n"...), file.Data...)
		case "flows":
			if s.flows, err = parseFlows(string(file.Data)); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("unknown section %s", file.Name)
		}
	}
	if len(s.flows) == 0 {
		t.Fatal("no flows")
	}
	return s
}

// documents reads documents that must be free of findings.
func documents(t testing.TB, name string, data []byte) []*source.Document {
	t.Helper()
	docs, findings := source.ReadBytes(name, data, source.Options{})
	for _, f := range findings.All() {
		t.Fatal(f.String())
	}
	return docs
}

func newJudge(t testing.TB, policies, objects []byte) verdict.Judge {
	t.Helper()
	docs := documents(t, "cluster.yaml", objects)
	facts, findings := cluster.Load(docs)
	for _, f := range findings.All() {
		t.Fatal(f.String())
	}
	if len(policies) > 0 {
		docs = append(docs, documents(t, "policies.yaml", policies)...)
	}
	j, err := New(docs, facts)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func scenarioFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	return files
}

func TestScenarios(t *testing.T) {
	for _, path := range scenarioFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			s := readScenario(t, path)
			j := newJudge(t, s.policies, s.cluster)
			for _, f := range s.flows {
				v, err := j.Judge(f.connection)
				if err != nil {
					t.Errorf("%v: %v", f, err)
					continue
				}
				if v.Egress != f.egress || v.Ingress != f.ingress {
					t.Errorf("%v: got %s %s, want %s %s (by %v, %v; %s)",
						f, v.Egress, v.Ingress, f.egress, f.ingress, v.EgressBy, v.IngressBy, v.Why)
				}
			}
		})
	}
}
