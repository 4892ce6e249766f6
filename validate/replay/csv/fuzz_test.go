package csv_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/policyferry/policyferry/validate/replay/csv"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// FuzzParse reads any header and line: a line is corrupt exactly where there is an error, and a connection has a
// protocol and, where there are any, a port.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "fixtures", "replay", "flows.csv"))
	if err != nil {
		f.Fatal(err)
	}
	lines := bytes.Split(data, []byte("\n"))
	for _, line := range lines[2:] {
		f.Add(lines[1], line)
	}
	f.Add([]byte("source,destination,protocol,verdict"), []byte("a/b,c/d,47,deny"))
	f.Fuzz(func(t *testing.T, header, line []byte) {
		table, err := csv.New(header)
		if err != nil {
			return
		}
		var out flow.Flow
		kind, err := table.Parse(line, &out)
		if (kind == flow.Corrupt) != (err != nil) {
			t.Fatalf("%v with the error %v", kind, err)
		}
		if kind == flow.Connection && (out.Protocol == 0 || flow.HasPorts(out.Protocol) && out.Port == 0 || out.Count == 0) {
			t.Fatalf("a connection without protocol, port or count: %+v", out)
		}
	})
}
