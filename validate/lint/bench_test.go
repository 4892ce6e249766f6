package lint

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// BenchmarkRun lints the samples of both CNIs, a thousand times over, as one repository: reading is not counted.
func BenchmarkRun(b *testing.B) {
	var inputs []source.Input
	for _, name := range []string{"calico.yaml", "cilium.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "sample", name))
		if err != nil {
			b.Fatal(err)
		}
		for range 200 {
			inputs = append(inputs, source.Input{Name: name, Data: text})
		}
	}
	set, problems := source.ReadInputs(inputs, source.Options{})
	for i, d := range set.Documents {
		d.Object.Name += string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
	}
	b.ResetTimer()
	for b.Loop() {
		if _, err := Run(set.Documents, Options{Reading: problems}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(set.Documents)*b.N)/b.Elapsed().Seconds(), "objects/s")
}
