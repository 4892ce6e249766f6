// Package felix reads Calico's flow logs as Felix writes them, one JSON object a line
// (https://docs.tigera.io/calico-cloud/observability/elastic/flow/datatypes), and as they come out of Elasticsearch.
package felix

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// record is a line. Elasticsearch wraps it.
type record struct {
	fields
	Source *fields `json:"_source"`
}

type fields struct {
	Start      json.Number `json:"start_time"`
	End        json.Number `json:"end_time"`
	Host       string      `json:"host"`
	From       string      `json:"source_name"`
	FromAggr   string      `json:"source_name_aggr"`
	FromSpace  string      `json:"source_namespace"`
	FromType   string      `json:"source_type"`
	FromAddr   string      `json:"source_ip"`
	FromLabels labels      `json:"source_labels"`
	FromPort   int64       `json:"source_port"`
	To         string      `json:"dest_name"`
	ToAggr     string      `json:"dest_name_aggr"`
	ToSpace    string      `json:"dest_namespace"`
	ToType     string      `json:"dest_type"`
	ToAddr     string      `json:"dest_ip"`
	ToLabels   labels      `json:"dest_labels"`
	Port       int64       `json:"dest_port"`
	Protocol   string      `json:"proto"`
	Action     string      `json:"action"`
	Reporter   string      `json:"reporter"`
	Started    uint64      `json:"num_flows_started"`
}

// labels are {"labels": ["key=value"]}, or the list alone.
type labels []string

func (l *labels) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		var wrapped struct {
			Labels []string `json:"labels"`
		}
		err := json.Unmarshal(text, &wrapped)
		*l = wrapped.Labels
		return err
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// Parse reads one line.
func Parse(line []byte, f *flow.Flow) (flow.Kind, error) {
	var l record
	if err := json.Unmarshal(line, &l); err != nil {
		return flow.Corrupt, err
	}
	r := &l.fields
	if l.Source != nil {
		r = l.Source
	}
	if r.Action == "" && r.Protocol == "" {
		return flow.Corrupt, errors.New("it is no flow log of Calico: it has neither action nor proto")
	}
	return r.read(f)
}

func (r *fields) read(f *flow.Flow) (flow.Kind, error) {
	var err error
	if f.Protocol, err = flow.Protocol(r.Protocol); err != nil {
		return flow.Corrupt, fmt.Errorf("proto: %w", err)
	}
	if f.Port, err = flow.Port(r.Port); err != nil {
		return flow.Corrupt, fmt.Errorf("dest_port: %w", err)
	}
	if f.SourcePort, err = flow.Port(r.FromPort); err != nil {
		return flow.Corrupt, fmt.Errorf("source_port: %w", err)
	}
	f.Untyped = f.Protocol == 1 || f.Protocol == 58
	switch {
	case f.Untyped:
		f.Port = 0
	case f.Port == 0 && flow.HasPorts(f.Protocol):
		return flow.Corrupt, errors.New("dest_port: it is missing")
	}
	switch r.Action {
	case "allow":
	case "deny":
		f.Verdict = flow.Denied
	default:
		return flow.Corrupt, fmt.Errorf("action: %q is neither allow nor deny", r.Action)
	}
	switch r.Reporter {
	case "src":
		f.Point = flow.Egress
	case "dst":
		f.Point = flow.Ingress
	case "", "-":
	default:
		return flow.Corrupt, fmt.Errorf("reporter: %q is neither src nor dst", r.Reporter)
	}
	f.Node, f.Count = r.Host, max(r.Started, 1)
	f.First, f.Last = seconds(r.Start), seconds(r.End)
	if f.From, err = end(r.FromType, r.FromSpace, r.From, r.FromAggr, r.FromAddr, r.FromLabels); err != nil {
		return flow.Corrupt, fmt.Errorf("source: %w", err)
	}
	if f.To, err = end(r.ToType, r.ToSpace, r.To, r.ToAggr, r.ToAddr, r.ToLabels); err != nil {
		return flow.Corrupt, fmt.Errorf("dest: %w", err)
	}
	return flow.Connection, nil
}

func seconds(n json.Number) time.Time {
	f, err := n.Float64()
	if err != nil || f <= 0 || f > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(f), 0).UTC()
}

// absent stands for what a flow log does not include (felix/collector/flowlog/utils.go).
func absent(text string) string {
	if text == "-" {
		return ""
	}
	return text
}

func end(kind, namespace, name, aggregated, address string, labels []string) (flow.End, error) {
	addr, err := flow.Addr(absent(address))
	if err != nil {
		return flow.End{}, err
	}
	if name = absent(name); name == "" {
		name = absent(aggregated)
	}
	e := flow.End{Namespace: absent(namespace), Name: name, Addr: addr, Labels: labels}
	e.Role, err = role(kind, name)
	if e.Role != flow.Pod && e.Role != flow.Set {
		e.Namespace = ""
	}
	switch e.Role {
	case flow.Pod:
		if prefix, cut := strings.CutSuffix(name, "*"); cut {
			e.Name, e.Prefix = "", prefix
		}
	case flow.Node:
		e.Name = absent(aggregated) // that of the host; the name is that of its endpoint
	case flow.World, flow.Public, flow.Private:
		e.Name = ""
		if addr.IsValid() {
			e.Role = flow.Unknown
		}
	}
	return e, err
}

// role tells what a type of endpoint is (felix/collector/types/endpoint/endpoint.go).
func role(kind, name string) (flow.Role, error) {
	switch kind {
	case "wep":
		return flow.Pod, nil
	case "hep":
		return flow.Node, nil
	case "ns":
		return flow.Set, nil
	case "net":
		switch name {
		case "pub":
			return flow.Public, nil
		case "pvt":
			return flow.Private, nil
		}
		return flow.World, nil
	}
	return flow.Unknown, fmt.Errorf("%q is no type of endpoint: wep, hep, ns or net", kind)
}
