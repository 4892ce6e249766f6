package replay_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// FuzzRun replays any input in any format. Nothing is fatal but an input that is no log at all, and whatever is read is
// counted: connections are in rows, and there are no more of them than records tell of.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob(fixture("replay", "*"))
	if err != nil || len(files) < 5 {
		f.Fatal(files, err)
	}
	formats := append([]replay.Format{replay.Detect}, replay.Formats...)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i := range formats {
			f.Add(data, i)
		}
	}
	o := options(f, fixture("sample", "calico.yaml"), fixture("sample", "after.yaml"))
	f.Fuzz(func(t *testing.T, data []byte, format int) {
		in := text("fuzz", string(data), formats[uint(format)%uint(len(formats))])
		r, err := replay.Run(context.Background(), []replay.Input{in}, o)
		var wrong *replay.InputError
		switch {
		case errors.As(err, &wrong):
			return
		case err != nil:
			t.Fatal(err)
		}
		var total, rows uint64
		for _, n := range r.Totals {
			total += n
		}
		for _, c := range r.Connections {
			rows += c.Count
		}
		if total != rows || total > 0 && r.Records[flow.Connection] == 0 {
			t.Fatalf("%d connections in all, %d in rows, of %v", total, rows, r.Records)
		}
		if len(r.Corrupt) == 0 && r.Records[flow.Corrupt] > 0 {
			t.Fatalf("%d corrupt records, and none is shown", r.Records[flow.Corrupt])
		}
	})
}
