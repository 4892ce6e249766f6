// Package engines asks the CNIs' own policy code for verdicts.
//
// The engines are programs of their own (docs/engine-protocol.md): their dependency graphs exclude each other and
// this module's. This package finds them, starts them and speaks with them.
package engines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Engine is one of the two programs.
type Engine struct {
	CNI  compat.CNI
	path string
}

// ErrNotFound says that an engine is not installed.
var ErrNotFound = errors.New("engine not found")

// Find looks for the engine of a CNI in a directory or, if that is empty, on PATH. The error wraps ErrNotFound.
func Find(cni compat.CNI, dir string) (*Engine, error) {
	name := "policyferry-engine-" + string(cni)
	path, err := exec.LookPath(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: build it with make engines and put it on PATH", ErrNotFound, name)
	}
	return &Engine{cni, path}, nil
}

// wire is a connection in the engine protocol.
type wire struct {
	From       string `json:"from"`
	To         string `json:"to"`
	Protocol   string `json:"protocol"`
	Port       uint16 `json:"port,omitempty"`
	SourcePort uint16 `json:"sourcePort,omitempty"`
	ICMPType   uint8  `json:"icmpType"`
	ICMPCode   uint8  `json:"icmpCode"`
	IPVersion  int    `json:"ipVersion,omitempty"`
}

type answer struct {
	Egress    verdict.Action `json:"egress"`
	Ingress   verdict.Action `json:"ingress"`
	EgressBy  []string       `json:"egressBy"`
	IngressBy []string       `json:"ingressBy"`
	Why       string         `json:"why"`
}

var protocolNames = map[uint8]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp", 136: "udplite"}

func toWire(c verdict.Connection) wire {
	name, ok := protocolNames[c.Protocol]
	if !ok {
		name = fmt.Sprint(c.Protocol)
	}
	return wire{From: c.From.String(), To: c.To.String(), Protocol: name, Port: c.Port, SourcePort: c.SourcePort,
		ICMPType: c.ICMPType, ICMPCode: c.ICMPCode, IPVersion: c.IPVersion}
}

// Verdicts judges connections under policies in a cluster, both given as YAML. Policies that the CNI rejects are not
// enforced, as in a cluster; the second result names them.
func (e *Engine) Verdicts(policies, cluster []byte, connections []verdict.Connection) ([]verdict.Verdict, []string, error) {
	dir, err := os.MkdirTemp("", "policyferry-engine-")
	if err != nil {
		return nil, nil, fmt.Errorf("starting %s: %w", e.CNI, err)
	}
	defer os.RemoveAll(dir)
	var args []string
	for name, data := range map[string][]byte{"policies": policies, "cluster": cluster} {
		path := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, nil, fmt.Errorf("starting %s: %w", e.CNI, err)
		}
		args = append(args, "--"+name, path)
	}
	var in, out, stderr bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, c := range connections {
		if err := encoder.Encode(toWire(c)); err != nil {
			return nil, nil, fmt.Errorf("asking %s: %w", e.CNI, err)
		}
	}
	cmd := exec.Command(e.path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &stderr
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %s", filepath.Base(e.path), err, bytes.TrimSpace(stderr.Bytes()))
	}
	verdicts, err := readAnswers(&out)
	if err == nil && len(verdicts) != len(connections) {
		err = fmt.Errorf("%s answered %d of %d connections", filepath.Base(e.path), len(verdicts), len(connections))
	}
	return verdicts, rejections(stderr.String()), err
}

func readAnswers(r io.Reader) ([]verdict.Verdict, error) {
	var out []verdict.Verdict
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("reading an answer: %w", err)
		}
		out = append(out, verdict.Verdict{Egress: a.Egress, Ingress: a.Ingress, EgressBy: a.EgressBy, IngressBy: a.IngressBy, Why: a.Why})
	}
	return out, lines.Err()
}

// rejections reads "rejected: KIND NAMESPACE/NAME: reason" lines.
func rejections(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(line, "rejected: "); ok {
			out = append(out, rest)
		}
	}
	return out
}
