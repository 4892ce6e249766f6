package rehearse

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/replay"
)

// BenchmarkRehearse takes the two sample estates the whole way, with their week of flows.
func BenchmarkRehearse(b *testing.B) {
	for name, to := range map[string]compat.CNI{"calico-platform": compat.Cilium, "cilium-gitops": compat.Calico} {
		b.Run(name, func(b *testing.B) {
			s := sampleEstate(b, name)
			b.ReportAllocs()
			for b.Loop() {
				run(b, Options{To: to}, s)
			}
		})
	}
}

// sampleEstate reads an estate of the fixtures.
func sampleEstate(b *testing.B, name string) Snapshot {
	b.Helper()
	at := func(file string) string { return filepath.Join("..", "..", "fixtures", "estates", name, file) }
	set, found := source.Read([]string{at("snapshot")}, nil, source.Options{})
	if found.Len() > 0 {
		b.Fatal(found.All())
	}
	s := Snapshot{Name: name, Path: name, Documents: set.Documents, Flows: []replay.Input{replay.File(at("flows.jsonl"), replay.Detect)}}
	if text, err := os.ReadFile(at("fqdn-cache.json")); err == nil {
		s.Names, found = fqdn.Parse("fqdn-cache.json", text)
		if found.Len() > 0 {
			b.Fatal(found.All())
		}
	}
	return s
}
