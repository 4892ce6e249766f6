// Package csv reads flows from a plain table, for logs of any other origin. docs/replay.md describes the columns.
package csv

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// column reads one field of a line.
type column func(text string, f *flow.Flow) error

var columns = map[string]column{
	"time":               func(text string, f *flow.Flow) error { return readTime(text, &f.First) },
	"last":               func(text string, f *flow.Flow) error { return readTime(text, &f.Last) },
	"source":             func(text string, f *flow.Flow) error { return readEnd(text, &f.From) },
	"destination":        func(text string, f *flow.Flow) error { return readEnd(text, &f.To) },
	"source_labels":      func(text string, f *flow.Flow) error { return readLabels(text, &f.From) },
	"destination_labels": func(text string, f *flow.Flow) error { return readLabels(text, &f.To) },
	"protocol":           readProtocol,
	"port":               readPort,
	"verdict":            readVerdict,
	"reason":             func(text string, f *flow.Flow) error { f.Reason = text; return nil },
	"reporter":           readReporter,
	"node":               func(text string, f *flow.Flow) error { f.Node = text; return nil },
	"count":              readCount,
}

// required are the columns without which there is no flow. The protocol must be read before the port.
var required = []string{"source", "destination", "protocol", "verdict"}

// IsHeader reports whether a line names the columns of a table of flows.
func IsHeader(line []byte) bool {
	names := strings.Split(strings.ToLower(string(line)), ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return slices.Contains(names, "source") && slices.Contains(names, "destination")
}

// Table is a table whose header was read.
type Table struct {
	names []string
	port  int // the column of the port, which is read last
}

// New reads the header. The error says which column is missing, unknown or there twice.
func New(header []byte) (*Table, error) {
	names, err := split(bytes.TrimPrefix(header, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, err
	}
	t := &Table{port: -1}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case columns[name] == nil:
			return nil, fmt.Errorf("there is no column %q; the columns are source, destination, protocol, port, verdict, time, last, count, "+
				"reporter, node, reason, source_labels and destination_labels", name)
		case slices.Contains(t.names, name):
			return nil, fmt.Errorf("the column %q is there twice", name)
		case name == "port":
			t.port = i
		}
		t.names = append(t.names, name)
	}
	for _, name := range required {
		if !slices.Contains(t.names, name) {
			return nil, fmt.Errorf("the column %q is missing", name)
		}
	}
	return t, nil
}

// Parse reads one line.
func (t *Table) Parse(line []byte, f *flow.Flow) (flow.Kind, error) {
	fields, err := split(line)
	if err != nil {
		return flow.Corrupt, err
	}
	if len(fields) != len(t.names) {
		return flow.Corrupt, fmt.Errorf("%d fields instead of %d", len(fields), len(t.names))
	}
	f.Count = 1
	for i, name := range t.names {
		if i != t.port {
			if err := columns[name](strings.TrimSpace(fields[i]), f); err != nil {
				return flow.Corrupt, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if t.port >= 0 {
		if err := readPort(strings.TrimSpace(fields[t.port]), f); err != nil {
			return flow.Corrupt, fmt.Errorf("port: %w", err)
		}
	} else if flow.HasPorts(f.Protocol) {
		return flow.Corrupt, fmt.Errorf("port: the column is missing")
	}
	if f.Last.IsZero() {
		f.Last = f.First
	}
	if flow.Answer(f.Protocol, f.ICMPType) && !f.Untyped {
		return flow.Reply, nil
	}
	return flow.Connection, nil
}

// split divides a line. A field in quotes may hold commas, and no line ends.
func split(line []byte) ([]string, error) {
	if !bytes.ContainsAny(line, `"`) {
		return strings.Split(string(line), ","), nil
	}
	return csv.NewReader(bytes.NewReader(line)).Read()
}

func readTime(text string, into *time.Time) error {
	if text == "" {
		return nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		*into = time.Unix(seconds, 0).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%q is neither like 2026-01-31T12:00:00Z nor seconds since 1970", text)
	}
	*into = t
	return nil
}

func readProtocol(text string, f *flow.Flow) (err error) {
	f.Protocol, err = flow.Protocol(text)
	return err
}

// readPort reads a port or, after icmp, a type and perhaps a code.
func readPort(text string, f *flow.Flow) error {
	switch {
	case f.Protocol == 1 || f.Protocol == 58:
		return readType(text, f)
	case text == "" && !flow.HasPorts(f.Protocol):
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is no port", text)
	}
	f.Port = uint16(n)
	return nil
}

func readType(text string, f *flow.Flow) error {
	if text == "" {
		f.Untyped = true
		return nil
	}
	kind, code, coded := strings.Cut(text, ".")
	t, err := strconv.ParseUint(kind, 10, 8)
	if err == nil && coded {
		var c uint64
		c, err = strconv.ParseUint(code, 10, 8)
		f.ICMPCode = uint8(c)
	}
	if err != nil {
		return fmt.Errorf("%q is no ICMP type, or type.code", text)
	}
	f.ICMPType = uint8(t)
	return nil
}

var verdicts = map[string]flow.Verdict{
	"allow": flow.Forwarded, "allowed": flow.Forwarded, "forwarded": flow.Forwarded, "audit": flow.Audited,
	"deny": flow.Denied, "denied": flow.Denied, "dropped": flow.Dropped, "drop": flow.Dropped,
}

func readVerdict(text string, f *flow.Flow) error {
	v, known := verdicts[strings.ToLower(text)]
	if !known {
		return fmt.Errorf("%q is none of allow, deny (by policy), drop (for another reason) and audit", text)
	}
	f.Verdict = v
	return nil
}

var points = map[string]flow.Point{"": flow.Anywhere, "source": flow.Egress, "src": flow.Egress, "destination": flow.Ingress, "dst": flow.Ingress}

func readReporter(text string, f *flow.Flow) error {
	p, known := points[strings.ToLower(text)]
	if !known {
		return fmt.Errorf("%q is neither source nor destination", text)
	}
	f.Point = p
	return nil
}

func readCount(text string, f *flow.Flow) error {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is no number of connections", text)
	}
	f.Count = n
	return nil
}

// readEnd reads namespace/pod, namespace/prefix*, node:name or an address.
func readEnd(text string, e *flow.End) error {
	if name, ok := strings.CutPrefix(text, "node:"); ok && name != "" {
		e.Role, e.Name = flow.Node, name
		return nil
	}
	if ns, name, ok := strings.Cut(text, "/"); ok && ns != "" && name != "" && !strings.Contains(name, "/") {
		e.Role, e.Namespace = flow.Pod, ns
		if prefix, cut := strings.CutSuffix(name, "*"); cut && prefix != "" {
			e.Prefix = prefix
		} else {
			e.Name = name
		}
		return nil
	}
	addr, err := flow.Addr(text)
	if err != nil || text == "" {
		return fmt.Errorf("%q is not namespace/pod, namespace/prefix*, node:name or an address", text)
	}
	e.Addr = addr
	return nil
}

// readLabels reads key=value, several of them divided by semicolons.
func readLabels(text string, e *flow.End) error {
	for label := range strings.SplitSeq(text, ";") {
		label = strings.TrimSpace(label)
		if label == "" {
			continue
		}
		if key, _, ok := strings.Cut(label, "="); !ok || key == "" {
			return fmt.Errorf("%q is not key=value", label)
		}
		e.Labels = append(e.Labels, label)
	}
	return nil
}
