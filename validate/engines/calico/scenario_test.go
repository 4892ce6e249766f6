package calico

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A scenario is one txtar file: why it exists, the policies, perhaps a cluster (else world.yaml), what
// is rejected, and connections with their verdicts, written by hand:
//
//	FROM TO PROTOCOL[/PORT or /TYPE[/CODE]] [v6] [sport=N] EGRESS INGRESS [| EGRESS-BY | INGRESS-BY [| WHY]]
type scenario struct {
	name        string
	documents   []document
	rejected    []string // "KIND NAMESPACE/NAME: part of the reason"
	connections []asked
	failure     string // part of the error with which the input is refused
}

type asked struct {
	line       string
	connection Connection
	egress     Decision
	ingress    Decision
	by         []string // egress by, ingress by, why; as far as given
}

func readScenario(t *testing.T, file string) scenario {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	if strings.TrimSpace(string(archive.Comment)) == "" {
		t.Fatalf("%s: a scenario says in its first lines why it exists", file)
	}
	hasCluster := false
	for _, f := range archive.Files {
		switch f.Name {
		case "policies.yaml", "cluster.yaml", "more.yaml":
			hasCluster = hasCluster || f.Name == "cluster.yaml"
			s.documents = append(s.documents, parse(t, f.Name, f.Data)...)
		case "rejected":
			s.rejected = lines(f.Data)
		case "failure":
			s.failure = strings.TrimSpace(string(f.Data))
		case "connections":
			for _, line := range lines(f.Data) {
				s.connections = append(s.connections, readAsked(t, line))
			}
		default:
			t.Fatalf("%s: unknown section %q", file, f.Name)
		}
	}
	if !hasCluster {
		world, err := os.ReadFile("testdata/world.yaml")
		if err != nil {
			t.Fatal(err)
		}
		s.documents = append(s.documents, parse(t, "world.yaml", world)...)
	}
	if len(s.connections) == 0 && s.failure == "" && len(s.rejected) == 0 {
		t.Fatalf("%s: tests nothing", file)
	}
	return s
}

func parse(t *testing.T, name string, data []byte) []document {
	t.Helper()
	documents, err := readDocuments(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return documents
}

func lines(data []byte) []string {
	var list []string
	for _, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

func readAsked(t *testing.T, line string) asked {
	t.Helper()
	parts := strings.Split(line, "|")
	fields := strings.Fields(parts[0])
	if len(fields) < 5 {
		t.Fatalf("connection %q: too few fields", line)
	}
	a := asked{line: line, egress: Decision(fields[len(fields)-2]), ingress: Decision(fields[len(fields)-1])}
	a.connection = Connection{From: fields[0], To: fields[1]}
	readTraffic(t, fields[2], &a.connection)
	for _, option := range fields[3 : len(fields)-2] {
		port, isPort := strings.CutPrefix(option, "sport=")
		switch {
		case option == "v6":
			a.connection.IPVersion = 6
		case isPort:
			a.connection.SourcePort = number(t, port)
		default:
			t.Fatalf("connection %q: unknown option %q", line, option)
		}
	}
	for _, part := range parts[1:] {
		a.by = append(a.by, strings.TrimSpace(part))
	}
	return a
}

func readTraffic(t *testing.T, text string, c *Connection) {
	t.Helper()
	parts := strings.Split(text, "/")
	c.Protocol = Protocol(parts[0])
	if parts[0] == "icmp" || parts[0] == "icmpv6" {
		for i, field := range []**int{&c.ICMPType, &c.ICMPCode} {
			if len(parts) > i+1 {
				value := number(t, parts[i+1])
				*field = &value
			}
		}
		return
	}
	if len(parts) > 1 {
		c.Port = number(t, parts[1])
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// differences runs a scenario and says where the engine differs from what is written.
func (s scenario) differences(o options) []string {
	documents := append([]document{}, s.documents...)
	engine, err := build(documents, o)
	if err != nil || s.failure != "" {
		if err == nil || s.failure == "" || !strings.Contains(err.Error(), s.failure) {
			return []string{fmt.Sprintf("error %v, want %q", err, s.failure)}
		}
		return nil
	}
	list := compareRejected(engine.Rejections, s.rejected)
	for _, a := range s.connections {
		got, err := engine.Judge(a.connection)
		if err != nil {
			list = append(list, fmt.Sprintf("%s: %v", a.line, err))
			continue
		}
		list = append(list, a.compare(got)...)
	}
	return list
}

func (a asked) compare(got Verdict) []string {
	var list []string
	if got.Egress != a.egress || got.Ingress != a.ingress {
		list = append(list, fmt.Sprintf("%s\n\tgot %s %s %v %v %q", a.line, got.Egress, got.Ingress, got.EgressBy, got.IngressBy, got.Why))
	}
	given := []string{strings.Join(got.EgressBy, ", "), strings.Join(got.IngressBy, ", ")}
	for i, want := range a.by {
		if i < 2 && given[i] != want || i == 2 && !strings.Contains(got.Why, want) {
			list = append(list, fmt.Sprintf("%s\n\tgot by %v by %v because %q", a.line, got.EgressBy, got.IngressBy, got.Why))
			break
		}
	}
	return list
}

func compareRejected(got []Rejection, want []string) []string {
	var list []string
	if len(got) != len(want) {
		list = append(list, fmt.Sprintf("rejected %v, want %v", got, want))
		return list
	}
	for i, line := range want {
		object, reason, _ := strings.Cut(line, ": ")
		text := strings.TrimPrefix(got[i].String(), "rejected: ")
		if !strings.HasPrefix(text, object+": ") || !strings.Contains(text, reason) {
			list = append(list, fmt.Sprintf("rejected %q, want %q", text, line))
		}
	}
	return list
}

func scenarios(t *testing.T) []scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var list []scenario
	for _, file := range files {
		list = append(list, readScenario(t, file))
	}
	return list
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			for _, difference := range s.differences(options{}) {
				t.Error(difference)
			}
		})
	}
}
