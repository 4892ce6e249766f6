// Package goldmane reads the flows that Calico's Goldmane gathers (goldmane/proto/api.proto): as its emitter and its
// stream write them, as protobuf's own encoder does, and as Whisker's API answers.
package goldmane

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// Parse reads one record. Whisker streams events, of which the data is the record.
func Parse(line []byte, f *flow.Flow) (flow.Kind, error) {
	data, isData := bytes.CutPrefix(line, []byte("data:"))
	switch {
	case isData:
		line = bytes.TrimSpace(data)
	case bytes.HasPrefix(line, []byte("event:")), bytes.HasPrefix(line, []byte("id:")), bytes.HasPrefix(line, []byte(":")):
		return flow.Event, nil
	}
	r, err := decode(line)
	if err != nil {
		return flow.Corrupt, err
	}
	return r.read(f)
}

// decode reads the fields under either of their names, and the key of a flow wherever it stands.
func decode(line []byte) (*fields, error) {
	var r fields
	if bytes.Contains(line, []byte(`"sourceName"`)) {
		var l camelRecord
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, err
		}
		c := &l.camelFields
		if l.Flow != nil {
			c = l.Flow
		}
		if c.Key == nil {
			c.Key = &c.camelKey
		}
		r = fields{key: key(*c.Key), Start: c.Start, End: c.End, FromLabels: c.FromLabels, ToLabels: c.ToLabels, Started: c.Started}
		return &r, nil
	}
	var l record
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, err
	}
	r = l.fields
	if l.Flow != nil {
		r = *l.Flow
	}
	if r.Key != nil {
		r.key = *r.Key
	}
	return &r, nil
}

func (r *fields) read(f *flow.Flow) (flow.Kind, error) {
	if r.Protocol == "" {
		r.Protocol = r.Proto
	}
	if r.Action == "" && r.Protocol == "" {
		return flow.Corrupt, errors.New("it is no flow of Goldmane: it has neither action nor protocol")
	}
	var err error
	if f.Protocol, err = flow.Protocol(r.Protocol); err != nil {
		return flow.Corrupt, err
	}
	if f.Port, err = flow.Port(int64(r.Port)); err != nil {
		return flow.Corrupt, fmt.Errorf("dest_port: %w", err)
	}
	f.Untyped = f.Protocol == 1 || f.Protocol == 58
	switch {
	case f.Untyped:
		f.Port = 0
	case f.Port == 0 && flow.HasPorts(f.Protocol):
		return flow.Corrupt, errors.New("dest_port: it is missing")
	}
	switch r.Action {
	case "Allow", "1":
	case "Deny", "2":
		f.Verdict = flow.Denied
	default:
		return flow.Corrupt, fmt.Errorf("action: %q is neither Allow nor Deny", r.Action)
	}
	switch r.Reporter {
	case "Src", "1":
		f.Point = flow.Egress
	case "Dst", "2":
		f.Point = flow.Ingress
	}
	f.Count = max(uint64(r.Started), 1)
	f.First, f.Last = r.Start.Time, r.End.Time
	if f.Last.Before(f.First) {
		f.Last = f.First
	}
	f.From = end(string(r.FromType), r.FromSpace, r.From, r.FromLabels)
	f.To = end(string(r.ToType), r.ToSpace, r.To, r.ToLabels)
	return flow.Connection, nil
}

// end tells who is at an end. Whisker leaves the type out, and has words of its own for networks
// (whisker-backend/pkg/handlers/v1/protoconvert.go).
func end(kind, namespace, name string, labels []string) flow.End {
	if namespace == "-" || namespace == "Global" {
		namespace = ""
	}
	e := flow.End{Namespace: namespace, Name: name, Labels: labels}
	switch name {
	case "PUBLIC NETWORK":
		name = "pub"
	case "PRIVATE NETWORK":
		name = "pvt"
	}
	switch {
	case kind == "WorkloadEndpoint" || kind == "1":
		e.Role = flow.Pod
	case kind == "HostEndpoint" || kind == "2":
		e.Role = flow.Node
	case kind == "NetworkSet" || kind == "3":
		e.Role = flow.Set
	case namespace == "" && name == "pub":
		e.Role = flow.Public
	case namespace == "" && name == "pvt":
		e.Role = flow.Private
	case namespace != "":
		e.Role = flow.Pod
	default:
		e.Role = flow.Set // or a node, which is looked for as well
	}
	if prefix, cut := strings.CutSuffix(name, "*"); cut && e.Role == flow.Pod {
		e.Name, e.Prefix = "", prefix
	}
	return e
}
