package lint

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/policyferry/policyferry/translate/source"
)

// samples are the samples of both CNIs, two hundred times over under other names, each as a file of one repository.
func samples(b *testing.B) []source.Input {
	name := regexp.MustCompile(`(metadata: \{name: |metadata:\n  name: )([a-z-]+)`)
	var inputs []source.Input
	for _, file := range []string{"calico.yaml", "cilium.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "sample", file))
		if err != nil {
			b.Fatal(err)
		}
		for i := range 200 {
			other := name.ReplaceAll(text, fmt.Appendf(nil, "${1}${2}-%d", i))
			if i > 0 && bytes.Equal(other, text) {
				b.Fatal("no name is replaced")
			}
			inputs = append(inputs, source.Input{Name: fmt.Sprintf("%d-%s", i, file), Data: other})
		}
	}
	return inputs
}

// BenchmarkRun lints a repository that is read already.
func BenchmarkRun(b *testing.B) {
	set, problems := source.ReadInputs(samples(b), source.Options{})
	for b.Loop() {
		if _, err := Run(set.Documents, Options{Reading: problems}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(set.Documents)*b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkReadAndRun also reads it. The metric reading is the part of the time that takes.
func BenchmarkReadAndRun(b *testing.B) {
	inputs := samples(b)
	var reading time.Duration
	objects := 0
	for b.Loop() {
		start := time.Now()
		set, problems := source.ReadInputs(inputs, source.Options{})
		reading += time.Since(start)
		objects += len(set.Documents)
		if _, err := Run(set.Documents, Options{Reading: problems}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(reading.Seconds()/b.Elapsed().Seconds(), "reading")
}
