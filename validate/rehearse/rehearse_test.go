package rehearse

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

func read(t testing.TB, name, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes(name, []byte(text), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return docs
}

// inCast is a snapshot of the cast with a set.
func inCast(t testing.TB, name, text string) Snapshot {
	t.Helper()
	s := Snapshot{Name: name, Path: name, Documents: read(t, name+".yaml", text)}
	for _, file := range []string{"cluster.yaml", "facts.yaml"} {
		content, err := os.ReadFile("../../fixtures/cast/" + file)
		if err != nil {
			t.Fatal(err)
		}
		s.Documents = append(s.Documents, read(t, file, string(content))...)
	}
	return s
}

var now = time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC)

func run(t testing.TB, o Options, snapshots ...Snapshot) *Result {
	t.Helper()
	if o.To == "" {
		o.To = compat.Cilium
	}
	o.Now, o.Version = now, "test"
	r, err := Run(context.Background(), snapshots, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const ready = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: app == 'web'}, destination: {ports: [5432]}}
`

const narrowed = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: app == 'cart', ports: [1024]}}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: app == 'cart'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: app == 'web', ports: [1024]}}
`

func accepting(object, until string) Acceptance {
	return Acceptance{Code: "PF2003", Object: object, Until: until, Reason: "agreed"}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name, text  string
		acceptances []Acceptance
		want        Verdict
		blockers    int
		findings    string
	}{
		{"nothing in the way", ready, nil, Ready, 0, ""},
		{"narrowed", narrowed, nil, Blocked, 2, ""},
		{"accepted", narrowed, []Acceptance{accepting("", "2026-12-01")}, ReadyAccepted, 0, ""},
		{"one object is accepted", narrowed, []Acceptance{accepting("NetworkPolicy shop/web", "2026-12-01")}, Blocked, 1, ""},
		{"both objects are", narrowed, []Acceptance{accepting("NetworkPolicy shop/web", "2026-12-01"), accepting("NetworkPolicy shop/cart", "2027-12-01")}, ReadyAccepted, 0, ""},
		{"expired", narrowed, []Acceptance{accepting("", "2026-11-30")}, Blocked, 2, "PF5041"},
		{"expired and renewed", narrowed, []Acceptance{accepting("", "2026-11-30"), accepting("", "2026-12-30")}, ReadyAccepted, 0, "PF5041"},
		{"accepts nothing", ready, []Acceptance{accepting("", "2026-12-01")}, Ready, 0, "PF5042"},
		{"of another estate", narrowed, []Acceptance{{Code: "PF2003", Estate: "other", Until: "2026-12-01", Reason: "r"}}, Blocked, 2, "PF5042"},
		{"no policy", "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n", nil, Blocked, 1, ""},
	} {
		r := run(t, Options{Acceptances: c.acceptances}, inCast(t, "prod", c.text))
		blockers := 0
		for _, b := range r.Estates[0].Blockers {
			blockers += b.Count
		}
		var findings []string
		for _, f := range r.Findings {
			findings = append(findings, f.Code)
		}
		if r.Verdict != c.want || r.Estates[0].Verdict != c.want || blockers != c.blockers || strings.Join(findings, " ") != c.findings || len(r.Reasons) == 0 || r.Fault {
			t.Errorf("%s: %s with %d blockers, findings %v, reasons %v", c.name, r.Verdict, blockers, findings, r.Reasons)
		}
	}
}

// TestOpensAsAccepted: what opens and is not accepted would open; what is accepted opens, and the translation has not failed.
func TestOpensAsAccepted(t *testing.T) {
	const opens = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: hosts}
spec: {selector: has(edge), types: [Ingress], ingress: [{action: Deny}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: more-hosts}
spec: {selector: has(edge), types: [Ingress], ingress: [{action: Deny, protocol: TCP}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: alpha-eth0, labels: {edge: alpha}}
spec: {node: alpha, interfaceName: "*"}
`
	for _, c := range []struct {
		acceptances []Acceptance
		outcome     Outcome
		words, not  string
	}{
		{nil, Failed, "2 would open", "as accepted"},
		{[]Acceptance{{Code: "PF2013", Object: "GlobalNetworkPolicy hosts", Until: "2026-12-31", Reason: "r"}}, Failed, "1 would open, 1 opens as accepted", "2 would open"},
		{[]Acceptance{{Code: "PF2013", Until: "2026-12-31", Reason: "r"}}, Differs, "2 open as accepted", "would open"},
	} {
		e := run(t, Options{Acceptances: c.acceptances}, inCast(t, "prod", opens)).Estates[0]
		i := slices.IndexFunc(e.Steps, func(s Step) bool { return s.Name == stepTranslate })
		if s := e.Steps[i]; s.Outcome != c.outcome || !strings.Contains(s.Text, c.words) || strings.Contains(s.Text, c.not) {
			t.Errorf("%+v: %+v, %+v", c.acceptances, s, e.Summary)
		}
	}
}

// TestBaseline: what an earlier run had is known again although its lines have moved, and what is accepted there is new.
func TestBaseline(t *testing.T) {
	earlier := run(t, Options{}, inCast(t, "prod", narrowed))
	moved := "# a line\n" + narrowed
	if r := run(t, Options{Baseline: earlier}, inCast(t, "prod", moved)); r.New != 0 || r.Verdict != Blocked || !r.Baseline {
		t.Errorf("moved: %d new, %s", r.New, r.Verdict)
	}
	more := moved + "---" + strings.ReplaceAll(narrowed, "{name: ", "{name: another-")
	if r := run(t, Options{Baseline: earlier}, inCast(t, "prod", more)); r.New != 2 || r.Estates[0].Blockers[0].New != 2 {
		t.Errorf("more: %d new, %+v", r.New, r.Estates[0].Blockers)
	}
	accepted := run(t, Options{Acceptances: []Acceptance{accepting("", "2026-12-01")}}, inCast(t, "prod", narrowed))
	if r := run(t, Options{Baseline: accepted}, inCast(t, "prod", narrowed)); r.New != 2 {
		t.Errorf("what was accepted and is not any more: %d new", r.New)
	}
	if r := run(t, Options{Baseline: earlier}, inCast(t, "test", narrowed)); r.New != 2 {
		t.Errorf("of another estate: %d new", r.New)
	}
}

// TestNothingCounted: where every policy is refused, or there is none, it is not said that everything could leave.
func TestNothingCounted(t *testing.T) {
	const refused = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {selektor: all()}\n"
	for text, want := range map[string]int{refused: 0, "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n": 0, ready: 100} {
		e := run(t, Options{}, inCast(t, "prod", text)).Estates[0]
		if e.Score.PolicyShare != want || e.Score.RuleShare != want {
			t.Errorf("%s: %d%% of the policies, %d%% of the rules", text, e.Score.PolicyShare, e.Score.RuleShare)
		}
	}
}

// TestSeveral: each snapshot has its row, and the worst verdict is that of the run.
func TestSeveral(t *testing.T) {
	r := run(t, Options{}, inCast(t, "good", ready), inCast(t, "bad", narrowed))
	if r.Verdict != Blocked || r.Estates[0].Verdict != Ready || r.Estates[1].Verdict != Blocked || r.Reasons[0].Estate != "bad" {
		t.Errorf("%s, %+v", r.Verdict, r.Reasons)
	}
}

// TestSideBySide: a source stands beside its output, with the finding at its line and the lines that say the same.
func TestSideBySide(t *testing.T) {
	e := run(t, Options{}, inCast(t, "prod", ready+"---"+narrowed)).Estates[0]
	if len(e.Policies) != 3 {
		t.Fatalf("%d policies", len(e.Policies))
	}
	for _, p := range e.Policies {
		if len(p.Sources) != 1 || len(p.Outputs) != 1 || p.Outputs[0].Object.Name != p.Sources[0].Object.Name || p.Sources[0].Position.Line == 0 {
			t.Fatalf("%+v", p)
		}
		source, output := strings.Split(p.Sources[0].Text, "\n"), strings.Split(p.Outputs[0].Text, "\n")
		same := func(word string) bool {
			return slices.ContainsFunc(p.Aligned, func(a [2]int) bool {
				return strings.Contains(source[a[0]-1], word) && strings.Contains(output[a[1]-1], word)
			})
		}
		if !same("namespace: shop") || !same("spec:") {
			t.Errorf("%v is not aligned:\n%s\n%s", p.Aligned, p.Sources[0].Text, p.Outputs[0].Text)
		}
		for _, i := range p.Findings {
			if f := e.Findings[i]; f.Code == "PF2003" && !strings.Contains(source[f.Line-1], "ports:") {
				t.Errorf("the finding is at line %d: %s", f.Line, source[f.Line-1])
			}
		}
	}
}

// TestMatrix: cells lead to the differences.
func TestMatrix(t *testing.T) {
	e := run(t, Options{}, inCast(t, "prod", narrowed)).Estates[0]
	m := e.Matrix
	if m == nil || m.By != "workload" || len(m.Rows) != len(m.Ends) {
		t.Fatalf("%+v", m)
	}
	closes := 0
	for _, r := range m.Reaches {
		if r.Change == "same" != (len(r.Differences) == 0) {
			t.Errorf("%+v", r)
		}
		if r.Change == "closes" {
			closes++
			for _, i := range r.Differences {
				if e.Differences[i].Kind != "closes" {
					t.Errorf("%+v leads to %+v", r, e.Differences[i])
				}
			}
		}
	}
	if closes == 0 {
		t.Error("no cell closes")
	}
	small := run(t, Options{MaxEnds: 4}, inCast(t, "prod", narrowed)).Estates[0]
	if small.Matrix == nil || small.Matrix.By != "namespace" {
		t.Errorf("with too many workloads: %+v", small.Matrix)
	}
}

func TestRunLengths(t *testing.T) {
	for want, row := range map[string][]int32{"0*3,2,0": {0, 0, 0, 2, 0}, "": nil, "7": {7}, "1*2": {1, 1}} {
		if got := runLengths(row); got != want {
			t.Errorf("%v: %s", row, got)
		}
	}
}

// TestRunbook: the window is told with a witness that both ends deny, and every step has what it needs.
func TestRunbook(t *testing.T) {
	for to, text := range map[compat.CNI]string{compat.Cilium: ready, compat.Calico: `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}
`} {
		b := run(t, Options{To: to}, inCast(t, "prod", text)).Estates[0].Runbook
		if b == nil || b.Window == nil || b.Window.Witness == nil || b.Window.From == 0 || b.Window.Until <= b.Window.From || len(b.Phases) != 3 {
			t.Fatalf("to %s: %+v", to, b)
		}
		if !slices.Equal(b.Window.Who, []string{"shop/db"}) || b.Window.Pods != 1 {
			t.Errorf("to %s: open are %v", to, b.Window.Who)
		}
		for i, s := range b.Steps {
			if s.Title == "" || s.Text == "" || s.Safe == "" || len(s.Rollback) == 0 && len(s.Commands) > 0 {
				t.Errorf("to %s: step %d lacks something: %+v", to, i+1, s)
			}
		}
		for _, p := range b.Phases {
			if !p.Safe {
				t.Errorf("to %s: %s is not safe: %+v", to, p.Name, p.Problem)
			}
		}
	}
}

// TestNothingProtected: without any policy that denies, no window is open.
func TestNothingProtected(t *testing.T) {
	const open = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\nspec: {types: [Ingress], ingress: [{action: Allow}]}\n"
	if b := run(t, Options{}, inCast(t, "prod", open)).Estates[0].Runbook; b.Window != nil {
		t.Errorf("%+v", b.Window)
	}
}

// TestSwaps: a NetworkPolicy that Calico reads otherwise is deleted while nothing is enforced, not before and not after.
func TestSwaps(t *testing.T) {
	const ipBlock = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: company, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
`
	e := run(t, Options{To: compat.Calico}, inCast(t, "prod", ipBlock)).Estates[0]
	i := slices.IndexFunc(e.Runbook.Steps, func(s RunbookStep) bool { return strings.HasPrefix(s.Title, "Swap") })
	if e.Verdict != Ready || i+1 <= e.Runbook.Window.From || i+1 >= e.Runbook.Window.Until || e.Runbook.Steps[i].Commands[0] != "kubectl delete networkpolicies.networking.k8s.io -n shop company" {
		t.Errorf("%s, step %d: %+v", e.Verdict, i+1, e.Runbook)
	}
	for _, s := range e.Runbook.Steps[i+1:] {
		for _, c := range s.Commands {
			if strings.Contains(c, "delete networkpolicies") {
				t.Errorf("deleted again: %s", c)
			}
		}
	}
}

// TestMoves: every row of the tables is found where the setting is there, and not where it is off.
func TestMoves(t *testing.T) {
	for to, table := range map[compat.CNI][]moving{compat.Cilium: fromCalico, compat.Calico: fromCilium} {
		for _, m := range table {
			value := "true"
			if m.unset == "true" {
				value = "false"
			}
			on, off := document(t, to, m, value), document(t, to, m, m.unset)
			policy := map[compat.CNI]string{compat.Cilium: ready, compat.Calico: "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n"}[to]
			for text, want := range map[string]bool{on: true, off: m.path == ""} {
				e := &estate{Estate: newEstate(&Snapshot{}), opt: &Options{To: to}, snapshot: &Snapshot{Documents: append(read(t, "p", policy), read(t, "m", text)...)}}
				e.read()
				e.moves()
				got := slices.ContainsFunc(e.Moves, func(x Move) bool { return x.Topic == m.topic && x.Counterpart == m.counterpart && x.Lost == m.lost })
				if got != want {
					t.Errorf("to %s: %s %s with %q: %v", to, m.kind, m.path, text, got)
				}
			}
			if m.counterpart+m.lost == "" {
				t.Errorf("%s %s says nothing", m.kind, m.path)
			}
		}
	}
}

// document is an object with a setting.
func document(t *testing.T, to compat.CNI, m moving, value string) string {
	t.Helper()
	o := map[string]any{"apiVersion": "projectcalico.org/v3", "kind": m.kind, "metadata": map[string]any{"name": "default"}}
	if to == compat.Calico {
		o["apiVersion"] = "cilium.io/v2"
	}
	if m.kind == "ConfigMap" {
		o["apiVersion"], o["metadata"] = "v1", map[string]any{"name": "cilium-config", "namespace": "kube-system"}
	}
	if field, setting, found := strings.Cut(m.path, "."); found {
		o[field] = map[string]any{setting: value}
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ paths, want []string }{
		{[]string{"clusters/a", "clusters/b/"}, []string{"a", "b"}},
		{[]string{"x/prod", "y/prod"}, []string{"x-prod", "y-prod"}},
		{[]string{"policies.yaml"}, []string{"policies"}},
		{[]string{"a", "./a"}, []string{"a", "a-2"}},
		{[]string{"."}, []string{"estate"}},
		{[]string{"../prod"}, []string{"prod"}},
		{[]string{"prod.eu", "prod.us/", "v1.30"}, []string{"prod.eu", "prod.us", "v1.30"}},
		{[]string{"a.yaml", "a.JSON", "a-2.yml", "a"}, []string{"a", "a-3", "a-2", "a-4"}},
	} {
		if got := Names(c.paths); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.paths, got)
		}
	}
}

// TestHistory: this run is the last of its history.
func TestHistory(t *testing.T) {
	s := inCast(t, "prod", narrowed)
	s.History = []Entry{{Time: "2026-11-01T06:00:00Z", Verdict: Blocked, PolicyShare: 10}}
	h := run(t, Options{}, s).Estates[0].History
	if len(h) != 2 || h[1].Time != "2026-12-01T06:00:00Z" || h[1].Blockers != 2 || h[1].Policies != 2 || h[1].Closes == 0 {
		t.Errorf("%+v", h)
	}
}
