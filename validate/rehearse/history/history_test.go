package history

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/policyferry/policyferry/validate/rehearse"
)

func at(day int) time.Time { return time.Date(2026, 11, day, 6, 0, 0, 0, time.UTC) }

func resultOf(day, share int) *rehearse.Result {
	entry := rehearse.Entry{Time: at(day).Format(time.RFC3339), Verdict: rehearse.Blocked, PolicyShare: share}
	return &rehearse.Result{To: "cilium", Estates: []*rehearse.Estate{{Name: "prod", History: []rehearse.Entry{entry}}}}
}

// TestHistory: runs come back in their order, without those of now and later, of other estates and the other way.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	for day, share := range map[int]int{3: 30, 1: 10, 2: 20, 9: 90} {
		if err := Write(dir, resultOf(day, share)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(dir, "prod", "cilium", at(3))
	if err != nil || len(got) != 2 || got[0].PolicyShare != 10 || got[1].PolicyShare != 20 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, other := range [][2]string{{"test", "cilium"}, {"prod", "calico"}} {
		if got, err := Read(dir, other[0], other[1], at(30)); err != nil || len(got) != 0 {
			t.Errorf("%v: %+v, %v", other, got, err)
		}
	}
	if err := Write(dir, resultOf(3, 31)); err != nil {
		t.Fatal(err)
	}
	if got, _ := Read(dir, "prod", "cilium", at(4)); len(got) != 3 || got[2].PolicyShare != 31 {
		t.Errorf("a run that is done again: %+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "prod", "cilium-20261101T060001Z.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, "prod", "cilium", at(4)); err == nil {
		t.Error("a file that is no run is read as one")
	}
}
