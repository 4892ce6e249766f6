package hubble_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/replay/hubble"
)

// FuzzParse reads any line: it is corrupt exactly where there is an error, and a connection has a protocol.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "fixtures", "replay", "hubble.json"))
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		f.Add(bytes.TrimSpace(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		p := hubble.NewParser()
		var out flow.Flow
		kind, err := p.Parse(line, &out)
		if (kind == flow.Corrupt) != (err != nil) {
			t.Fatalf("%v with the error %v", kind, err)
		}
		if kind == flow.Connection && (out.Protocol == 0 || flow.HasPorts(out.Protocol) && out.Port == 0) {
			t.Fatalf("a connection without protocol or port: %+v", out)
		}
	})
}
