package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// TestFormats replays the hand-written logs of the cast in the other formats. The wants are worked out by hand: under
// Calico, web and cart reach the database at 5432; under Cilium at 5433 as well; nobody reaches 169.254.169.254.
func TestFormats(t *testing.T) {
	sets := filepath.Join(t.TempDir(), "sets.yaml")
	text, err := os.ReadFile(fixture("sample", "calico.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: partners}\nspec: {nets: [198.51.100.0/24]}\n"...)
	if err := os.WriteFile(sets, text, 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, sets, fixture("sample", "after.yaml"))
	for _, tt := range []struct {
		file    string
		format  replay.Format
		rows    []string
		records map[string]uint64
	}{
		{
			"goldmane.json", replay.Goldmane,
			[]string{
				"would-forward shop/cart → shop/db tcp/5433 3 denied deny allow",
				"same partners → shop/web tcp/8080 7 forwarded allow allow",
				"same shop/web → shop/db tcp/5432 7 forwarded allow allow", // six, and one of a pod that is gone
				"same dev/web → public network tcp/443 5 forwarded allow allow",
				"same shop/web → public network tcp/80 4 denied deny deny", // it can only have been the address that is blocked
				"same dev/bare → shop/db tcp/5432 2 denied deny deny",
				"same shop/cart → shop/web icmp/8 2 forwarded allow allow",
				"same node:* → shop/web tcp/8080 1 forwarded allow allow",
			},
			map[string]uint64{"connection": 10, "corrupt": 2},
		},
		{
			"whisker.json", replay.Goldmane,
			[]string{
				"same private network → shop/db tcp/5432 1 denied deny deny", // and not its own node, which is always let in
				"same shop/web → shop/db tcp/5432 1 forwarded allow allow",
			},
			map[string]uint64{"connection": 2},
		},
		{
			"felix.log", replay.Felix,
			[]string{
				"would-forward shop/web → shop/db tcp/5433 4 denied deny allow",
				"same node:* → shop/web tcp/8080 9 forwarded allow allow",
				"same dev/web → outside tcp/80 2 denied deny deny",
				"same private network → shop/web tcp/8080 1 forwarded allow allow",
				"same shop/web → shop/db tcp/5432 1 forwarded allow allow",
			},
			map[string]uint64{"connection": 6, "corrupt": 1},
		},
		{
			"flows.csv", replay.CSV,
			[]string{
				"would-forward shop/cart → shop/db tcp/5433 3 denied deny allow",
				"unjudged shop/web → an address of pods tcp/80 1 forwarded",
				"apart shop/web → outside tcp/443 6 dropped allow allow",
				"same shop/web → shop/db tcp/5432 43 forwarded allow allow",
				"same outside → shop/web tcp/8080 12 forwarded allow allow",
				"same node:* → shop/web tcp/8080 5 forwarded allow allow",
				"same shop/web → shop/cart icmp/8 1 forwarded allow allow",
			},
			map[string]uint64{"connection": 9, "reply": 1, "service": 1, "event": 2, "corrupt": 1},
		},
	} {
		t.Run(tt.file, func(t *testing.T) {
			r := run(t, o, replay.File(fixture("replay", tt.file), replay.Detect))
			if len(r.Inputs) != 1 || r.Inputs[0].Format != tt.format {
				t.Errorf("read as %v", r.Inputs)
			}
			if diff := cmp.Diff(tt.rows, rows(r)); diff != "" {
				t.Errorf("connections (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.records, records(r)); diff != "" {
				t.Errorf("records (-want +got)\n%s", diff)
			}
		})
	}
}

// TestSameWhateverTheWay replays logs in one piece and in several, compressed, in another order and on one core.
func TestSameWhateverTheWay(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"), fixture("sample", "calico.yaml"))
	data, err := os.ReadFile(fixture("replay", "hubble.json"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	all := func(inputs ...replay.Input) string {
		r := run(t, o, inputs...)
		var b strings.Builder
		for _, c := range r.Connections {
			fmt.Fprintln(&b, c.Kind, c.From, c.To, c.Traffic, c.Seen, c.Count, c.First, c.Last, c.Witness, c.Before, c.After, c.Why)
		}
		return fmt.Sprint(b.String(), r.Before, r.After, r.Coverage, records(r))
	}
	want := all(text("all", string(data), replay.Detect))
	check := func(name string, inputs ...replay.Input) {
		t.Helper()
		if got := all(inputs...); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	check("compressed", text("all", packed.String(), replay.Detect))
	first, second := strings.Join(lines[:7], ""), strings.Join(lines[7:], "")
	slices.Reverse(lines[:len(lines)-1])
	check("backwards", text("all", strings.Join(lines, ""), replay.Hubble))
	check("two files", text("a", first, replay.Detect), text("b", second, replay.Detect))
	check("the other way round", text("b", second, replay.Detect), text("a", first, replay.Detect))
	check("in small reads", replay.Input{Name: "drops", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(&dripping{data: data}), nil
	}})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	check("one core", text("all", string(data), replay.Detect))
}

// dripping gives a few bytes at a time.
type dripping struct{ data []byte }

func (d *dripping) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), 7)], d.data)
	if n == 0 {
		return 0, io.EOF
	}
	d.data = d.data[n:]
	return n, nil
}

const good = `{"verdict":"FORWARDED","IP":{"source":"10.244.1.10","destination":"10.244.2.12"},"l4":{"TCP":{"source_port":40001,"destination_port":5432}},"is_reply":false}`

// TestDamaged reads inputs that end too early, or are no logs.
func TestDamaged(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 5000 {
		fmt.Fprintf(z, "%s %d\n", good, i) // with something behind the object, which is corrupt
		fmt.Fprintln(z, good)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	cut := packed.Bytes()[:packed.Len()/2]
	r := run(t, o, text("cut.gz", string(cut), replay.Hubble))
	if last := r.Corrupt; r.Records[flow.Connection] == 0 || r.Records[flow.Corrupt] == 0 || len(last) == 0 {
		t.Errorf("a compressed log that is cut off: %v, %v", records(r), last)
	}
	r = run(t, o, text("document", "[\n"+good+",\n"+good+",\n{\"verdict\":\n", replay.Hubble))
	if r.Records[flow.Connection] != 2 || r.Records[flow.Corrupt] != 1 || r.Corrupt[0].Where != "document:3" {
		t.Errorf("a list that is cut off: %v, %v", records(r), r.Corrupt)
	}
	r = run(t, o, text("list", "["+good+","+good+"]\n", replay.Detect))
	if r.Records[flow.Connection] != 2 || r.Read() != 2 {
		t.Errorf("a list on one line: %v, %v", records(r), r.Corrupt)
	}
	r = run(t, o, text("long", good+"\n"+strings.Repeat("x", 17<<20)+"\n"+good+"\n", replay.Detect))
	if r.Records[flow.Connection] != 2 || r.Records[flow.Corrupt] == 0 {
		t.Errorf("a line without end: %v", records(r))
	}
	for name, content := range map[string]string{
		"it is no flow log": "kind: Pod\nmetadata: {}\n", "is no gzip": "\x1f\x8bnothing", "there is no column": "source,destination,color\n",
		"the column \"verdict\" is missing": "source,destination,protocol\n", "is there twice": "source,destination,source,protocol,verdict\n",
	} {
		var wrong *replay.InputError
		_, err := replay.Run(context.Background(), []replay.Input{text("odd", content, replay.Detect)}, o)
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v", content, err)
		}
	}
	_, err := replay.Run(context.Background(), []replay.Input{replay.File("nowhere", replay.Detect)}, o)
	if err == nil || err.Error() != "nowhere: it cannot be read: no such file or directory" {
		t.Errorf("a file that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	silent, _ := io.Pipe()
	pipe := replay.Input{Name: "-", Open: func() (io.ReadCloser, error) { return silent, nil }}
	if _, err := replay.Run(ctx, []replay.Input{pipe}, o); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	silent.Close()
}

// endless yields what stands first, then one letter over and over, and counts the heap meanwhile.
type endless struct {
	first string
	left  int
	most  uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.first != "" {
		n := copy(p, e.first)
		e.first = e.first[n:]
		return n, nil
	}
	if e.left == 0 {
		return 0, io.EOF
	}
	if e.left%(8<<20) < len(p) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.most = max(e.most, m.HeapAlloc)
	}
	n := min(len(p), e.left)
	for i := range n {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

func (e *endless) Close() error { return nil }

// TestWithoutEnd reads 100 MB without a newline, in lines and in a list. It is counted, and not held.
func TestWithoutEnd(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"))
	for name, begin := range map[string]string{"lines": good + "\n", "text": good + "\n{\"verdict\":\"", "list": "[" + good + ",{\"verdict\":\"", "answer": "{\"items\":[" + good + ",\""} {
		e := &endless{first: begin, left: 100 << 20}
		format := replay.Hubble
		r := run(t, o, replay.Input{Name: name, Format: format, Open: func() (io.ReadCloser, error) { return e, nil }})
		if r.Records[flow.Connection] != 1 || r.Records[flow.Corrupt] == 0 || len(r.Corrupt) == 0 {
			t.Errorf("%s: %v", name, records(r))
		}
		if e.most > 160<<20 {
			t.Errorf("%s: %d MB are held", name, e.most>>20)
		}
	}
}

// TestOddBytes reads lines with NUL bytes, with carriage returns, after a byte order mark, in UTF-16, and among bytes that
// are none of it. What can be read is, and the rest is counted and shown.
func TestOddBytes(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"))
	wide := func(text string, little bool) string {
		var b strings.Builder
		for _, c := range "\ufeff" + text {
			if little {
				b.WriteByte(byte(c))
			}
			b.WriteByte(byte(c >> 8))
			if !little {
				b.WriteByte(byte(c))
			}
		}
		return b.String()
	}
	for name, tt := range map[string]struct {
		text          string
		good, corrupt uint64
	}{
		"carriage returns":       {good + "\r\n" + good + "\r\n", 2, 0},
		"a byte order mark":      {"\ufeff" + good + "\n" + good + "\n", 2, 0},
		"UTF-16, little endian":  {wide(good+"\r\n"+good+"\r\n", true), 2, 0},
		"UTF-16, big endian":     {wide(good+"\n"+good+"\n", false), 2, 0},
		"NUL bytes":              {good + "\n\x00\x00\x00\n" + good + "\x00\n" + good + "\n", 2, 2},
		"bytes that are nothing": {good + "\n" + strings.Repeat("\x80\xff\xfe\x01\n", 50) + good + "\n", 2, 50},
	} {
		r := run(t, o, text(name, tt.text, replay.Detect))
		if r.Records[flow.Connection] != tt.good || r.Records[flow.Corrupt] != tt.corrupt || (tt.corrupt > 0) != (len(r.Corrupt) > 0) {
			t.Errorf("%s: %v, %v", name, records(r), r.Corrupt)
		}
	}
	var wrong *replay.InputError
	_, err := replay.Run(context.Background(), []replay.Input{text("packed", "\x28\xb5\x2f\xfdxxxx", replay.Detect)}, o)
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Hint, "zstd -dc") {
		t.Errorf("zstd: %v", err)
	}
}

// TestLimit has room for fewer groups than there are.
func TestLimit(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"))
	o.Limit = 3
	r := run(t, o, replay.File(fixture("replay", "hubble.json"), replay.Detect))
	if r.Records[flow.Connection]+r.Records[flow.Excess] != 20 || r.Records[flow.Excess] == 0 {
		t.Errorf("records: %v", records(r))
	}
	if len(r.Connections) > 3 {
		t.Errorf("%d rows", len(r.Connections))
	}
}

// TestTimes has times that cannot be, and a window over midnight.
func TestTimes(t *testing.T) {
	o := options(t, fixture("sample", "after.yaml"))
	head := "source,destination,protocol,port,verdict,time,last\n"
	r := run(t, o, text("odd", head+"shop/web,shop/db,tcp,5432,allow,1,9223372036854775807\nshop/web,shop/db,tcp,5432,allow,0001-01-01T00:00:00Z,\n", replay.CSV))
	if r.Records[flow.Connection] != 2 || !r.Coverage.First.IsZero() {
		t.Errorf("%v, first seen %v", records(r), r.Coverage.First)
	}
	r = run(t, o, text("night", head+"shop/web,shop/db,tcp,5432,allow,2026-11-28T23:10:00Z,2026-11-29T01:10:00Z\n", replay.CSV))
	if got, want := fmt.Sprint(r.Coverage.Weekdays), "[Monday Tuesday Wednesday Thursday Friday]"; got != want {
		t.Errorf("days that are not seen: %s, want %s", got, want)
	}
	if len(r.Coverage.Hours) != 21 || r.Coverage.Hours[0] != 2 {
		t.Errorf("hours that are not seen: %v", r.Coverage.Hours)
	}
}
