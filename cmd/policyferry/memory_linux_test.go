package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hugeBytes is the size of what no one can mean to be policy.
const hugeBytes = 100 << 20

// huge is a text of sound policies without end.
type huge struct{ n int }

func (h *huge) text() string {
	h.n++
	return fmt.Sprintf("---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p%d, namespace: shop}\n"+
		"spec: {selector: app == 'a%d', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'b'}}]}\n", h.n, h.n)
}

// writeHuge writes policies until the text is as large.
func writeHuge(w io.Writer) error {
	out := bufio.NewWriter(w)
	var h huge
	for written := 0; written < hugeBytes; {
		n, err := out.WriteString(h.text())
		if err != nil {
			return err
		}
		written += n
	}
	return out.Flush()
}

// TestHugeInputNeedsLittleMemory gives 100 MB to a process of its own, as a file and through a pipe, and looks at the
// most memory that it ever had.
func TestHugeInputNeedsLittleMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.yaml")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeHuge(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("file", func(t *testing.T) { translateHuge(t, path, nil) })
	t.Run("pipe", func(t *testing.T) {
		r, w := io.Pipe()
		go func() { w.CloseWithError(writeHuge(w)) }()
		translateHuge(t, "-", r)
		r.Close()
	})
}

// maxMegabytes is far below what the text would need as a tree, and a few times the most that is read of it.
const maxMegabytes = 400

func translateHuge(t *testing.T, path string, stdin io.Reader) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	cmd := exec.Command("policyferry", "translate", "--to", "cilium", "-o", out, path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Stdin = stdin
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != ExitUsage || !strings.Contains(stderr.String(), "larger than 64 MiB (PF1003, refused)") {
		t.Errorf("exit code %d, %s", code, stderr.String())
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if megabytes := usage.Maxrss >> 10; megabytes > maxMegabytes {
		t.Errorf("took %d MB of memory, want at most %d", megabytes, maxMegabytes)
	} else {
		t.Logf("took %d MB of memory", megabytes)
	}
}
