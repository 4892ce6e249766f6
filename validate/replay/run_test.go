package replay_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/world"
)

func fixture(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "fixtures"}, parts...)...)
}

// documents reads a file or directory.
func documents(t testing.TB, path string) []*source.Document {
	t.Helper()
	read, problems := source.Read([]string{path}, nil, source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	return read.Documents
}

// options judges by two sets in the cast.
func options(t testing.TB, paths ...string) replay.Options {
	t.Helper()
	return within(t, fixture("cast"), paths...)
}

// within judges by one set or two in a cluster.
func within(t testing.TB, cluster string, paths ...string) replay.Options {
	t.Helper()
	var sets [][]*source.Document
	for _, path := range paths {
		sets = append(sets, documents(t, path))
	}
	w, findings, err := world.Of(documents(t, cluster), sets...)
	if err != nil {
		t.Fatal(err, findings.All())
	}
	var sides [2]*equiv.Side
	for i, docs := range sets {
		cni, _ := equiv.CNIOf(docs)
		if sides[i], err = equiv.NewSide(equiv.Set{CNI: cni, Documents: docs}, w.Facts, w.Objects); err != nil {
			t.Fatal(err)
		}
	}
	return replay.Options{Before: sides[0], After: sides[1], Facts: w.Facts}
}

func text(name, content string, format replay.Format) replay.Input {
	return replay.Input{Name: name, Format: format, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func run(t testing.TB, o replay.Options, inputs ...replay.Input) *replay.Result {
	t.Helper()
	r, err := replay.Run(context.Background(), inputs, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rows are the connections of a result, one a line.
func rows(r *replay.Result) []string {
	var out []string
	for _, c := range r.Connections {
		line := fmt.Sprintf("%s %s → %s %s %d %s", c.Kind, c.From, c.To, c.Traffic, c.Count, c.Seen)
		for _, j := range []*replay.Judged{c.Before, c.After} {
			if j != nil {
				line += fmt.Sprint(" ", j.Whole)
			}
		}
		out = append(out, line)
	}
	return out
}

// records are the counts that are not 0.
func records(r *replay.Result) map[string]uint64 {
	out := map[string]uint64{}
	for kind, n := range r.Records {
		if n > 0 {
			out[kind.String()] = n
		}
	}
	return out
}

// TestHubble replays the hand-written flows of the cast. The wants are worked out by hand.
func TestHubble(t *testing.T) {
	r := run(t, options(t, fixture("sample", "after.yaml"), fixture("sample", "calico.yaml")), replay.File(fixture("replay", "hubble.json"), replay.Detect))
	want := []string{
		"would-drop shop/cart → shop/db tcp/5433 2 forwarded allow deny",
		"would-drop dev/web → shop/db tcp/5432 1 audited deny deny",
		"apart shop/web → outside tcp/443 1 dropped allow allow",
		"same shop/web → shop/db tcp/5432 3 forwarded allow allow",
		"same node:* → shop/web tcp/8080 2 forwarded allow allow", // its own and another one
		"same dev/bare → shop/db tcp/5432 1 denied deny deny",
		"same dev/web → outside tcp/80 1 denied deny deny",
		"same outside → shop/web tcp/8080 1 forwarded allow allow",
		"same shop/report → shop/db tcp/5432 1 denied deny deny", // gone, and judged by the labels that it had
		"same shop/web → kube-system/dns udp/53 1 forwarded allow allow",
		"same shop/web → shop/cart icmp/8 1 forwarded allow allow",
	}
	if diff := cmp.Diff(want, rows(r)); diff != "" {
		t.Errorf("connections (-want +got)\n%s", diff)
	}
	wantRecords := map[string]uint64{
		"connection": 20, "reply": 3, "undirected": 1, "refused": 1, "undecided": 1, "own": 1, "lost": 1, "event": 1, "corrupt": 1,
	}
	if diff := cmp.Diff(wantRecords, records(r)); diff != "" {
		t.Errorf("records (-want +got)\n%s", diff)
	}
	data, err := os.ReadFile(fixture("replay", "hubble.json"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(data), "\n"); r.Read() != uint64(lines) {
		t.Errorf("%d lines are counted of %d", r.Read(), lines)
	}
	if r.Before.Disagrees != 1 || r.StandIns != 2 || r.Coverage.Lost != 17 {
		t.Errorf("%d not explained, %d stand-ins, %d lost", r.Before.Disagrees, r.StandIns, r.Coverage.Lost)
	}
	if len(r.Corrupt) != 1 || !strings.HasSuffix(r.Corrupt[0].Where, "hubble.json:30") {
		t.Errorf("corrupt: %v", r.Corrupt)
	}
}

// TestEveryLineIsCounted feeds lines of all sorts, cut and mixed up, and adds the buckets.
func TestEveryLineIsCounted(t *testing.T) {
	data, err := os.ReadFile(fixture("replay", "hubble.json"))
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, fixture("sample", "after.yaml"))
	lines := strings.SplitAfter(string(data), "\n")
	for cut := range 40 {
		var b strings.Builder
		for i, line := range lines {
			switch (i + cut) % 5 {
			case 0:
				b.WriteString(line[:len(line)*cut/40])
				b.WriteByte('\n')
			case 1:
				b.WriteString("\n\r\n\x00\n[]\n{}\nnull\n\"flow\"\n")
			default:
				b.WriteString(line)
			}
		}
		content := b.String()
		r := run(t, o, text("mixed", content, replay.Hubble))
		want := uint64(strings.Count(content, "\n"))
		if !strings.HasSuffix(content, "\n") {
			want++
		}
		if r.Read() != want {
			t.Errorf("cut %d: %d lines are counted of %d", cut, r.Read(), want)
		}
		if r.Records[flow.Corrupt] == 0 {
			t.Errorf("cut %d: nothing is corrupt", cut)
		}
		total := uint64(0)
		for _, n := range r.Totals {
			total += n
		}
		sum := uint64(0)
		for _, c := range r.Connections {
			sum += c.Count
		}
		if total != sum || total > r.Records[flow.Connection] {
			t.Errorf("cut %d: %d connections in all, %d in rows, of %d records", cut, total, sum, r.Records[flow.Connection])
		}
	}
}

// TestEstates replays a week of the sample estates. Their verdicts are reasoned by hand (traffic.txt), so the policies
// must explain every connection, also those of pods that are gone, and also where the policies are a whole snapshot.
func TestEstates(t *testing.T) {
	for estate, connections := range map[string]uint64{"calico-platform": 1132, "cilium-gitops": 672} {
		at := func(name string) string { return fixture("estates", estate, name) }
		whole := run(t, within(t, at("snapshot"), at("snapshot")), replay.File(at("flows.jsonl"), replay.Detect))
		if whole.Totals[replay.Same] != connections || len(whole.Totals) != 1 {
			t.Errorf("%s, of a snapshot: %v", estate, whole.Totals)
		}
		r := run(t, within(t, at("cluster"), at("policies")), replay.File(at("flows.jsonl"), replay.Detect))
		if r.Totals[replay.Same] != connections || len(r.Totals) != 1 {
			t.Errorf("%s: %v", estate, r.Totals)
		}
		for _, c := range r.Connections {
			if c.Kind != replay.Same {
				t.Errorf("%s: %s %s → %s %s: %s", estate, c.Kind, c.From, c.To, c.Traffic, c.Why)
			}
		}
		if used := len(r.Before.Rules) - len(r.Before.Unused()); used < len(r.Before.Rules)/2 {
			t.Errorf("%s: only %d of %d rules are used", estate, used, len(r.Before.Rules))
		}
	}
}

// TestSomeAreDroppedOtherwise: what the source has let through counts, although the destination tells of one that was
// dropped for another reason than policy; what policy has denied there was let through by nobody.
func TestSomeAreDroppedOtherwise(t *testing.T) {
	const header = "source,destination,protocol,port,verdict,reporter,count\n"
	o := options(t, fixture("sample", "after.yaml"), fixture("sample", "calico.yaml"))
	for _, tt := range []struct {
		stopped string
		want    []string
	}{
		{"drop,destination,1", []string{"would-drop shop/cart → shop/db tcp/5433 99 forwarded allow deny", "apart shop/cart → shop/db tcp/5433 1 dropped allow deny"}},
		{"drop,destination,100", []string{"apart shop/cart → shop/db tcp/5433 100 dropped allow deny"}},
		{"deny,destination,100", []string{"same shop/cart → shop/db tcp/5433 100 denied allow deny"}},
	} {
		flows := header + "shop/cart,shop/db,tcp,5433,allow,source,100\nshop/cart,shop/db,tcp,5433," + tt.stopped + "\n"
		if diff := cmp.Diff(tt.want, rows(run(t, o, text("a.csv", flows, replay.Detect)))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.stopped, diff)
		}
	}
}

// TestOneAddressTwoOwners: messages without ports look alike. Those of another pod that has the address later are seen.
func TestOneAddressTwoOwners(t *testing.T) {
	var flows strings.Builder
	for _, pod := range []string{"cart", "cart", "web"} {
		fmt.Fprintf(&flows, `{"verdict":"FORWARDED","IP":{"source":"10.244.9.9","destination":"10.244.2.12"},"l4":{"ICMPv4":{"type":8}},`+
			`"source":{"identity":1001,"namespace":"shop","labels":["k8s:app=%s"],"pod_name":"%[1]s"},`+
			`"destination":{"identity":1002,"namespace":"shop","labels":["k8s:app=db"],"pod_name":"db"},"is_reply":false,"traffic_direction":"EGRESS"}`+"\n", pod)
	}
	r := run(t, options(t, fixture("sample", "after.yaml"), fixture("sample", "calico.yaml")), text("a.json", flows.String(), replay.Detect))
	counts := map[string]uint64{}
	for _, c := range r.Connections {
		counts[c.From.String()] += c.Count
	}
	if counts["shop/cart"] != 1 || counts["shop/web"] != 1 {
		t.Errorf("counted: %v", counts)
	}
}
