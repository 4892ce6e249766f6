package rehearse

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// appLabels name a workload, the recommended one first.
var appLabels = []string{"app.kubernetes.io/name", "app", "k8s-app", "name"}

// generated is what controllers add to the names of pods: a hash of the template and five letters, or a number.
var generated = regexp.MustCompile(`(-[a-f0-9]{6,10})?-[a-z0-9]{5}$|-[0-9]+$`)

// workload names the workload of a pod: by its label, or else by its name without what controllers add.
func workload(p *cluster.Pod) string {
	for _, key := range appLabels {
		if name := p.Labels[key]; name != "" {
			return p.Namespace + "/" + name
		}
	}
	if name := generated.ReplaceAllString(p.Name, ""); name != "" {
		return p.Namespace + "/" + name
	}
	return p.Namespace + "/" + p.Name
}

// matrixOf writes a matrix down; nil if there is none.
func matrixOf(m *equiv.Matrix) *Matrix {
	if m == nil {
		return nil
	}
	out := &Matrix{By: "workload", Ends: []MatrixEnd{}, Reaches: []Reach{}, Rows: []string{}}
	if m.ByNamespace {
		out.By = "namespace"
	}
	for _, e := range m.Ends {
		out.Ends = append(out.Ends, matrixEnd(e, m.ByNamespace))
	}
	for _, r := range m.Reaches {
		out.Reaches = append(out.Reaches, Reach{
			Before: allowedText(r.Left), After: allowedText(r.Right), Change: changeOf(r.Kinds), Differences: append([]int{}, r.Differences...),
		})
	}
	for _, row := range m.Cells {
		out.Rows = append(out.Rows, runLengths(row))
	}
	return out
}

func matrixEnd(e equiv.MatrixEnd, byNamespace bool) MatrixEnd {
	switch {
	case e.Workload == "":
		return MatrixEnd{Kind: e.Name, Name: e.Name, Members: e.Members}
	case byNamespace:
		return MatrixEnd{Kind: "pods", Namespace: e.Workload, Name: "", Members: e.Members}
	}
	namespace, name, _ := strings.Cut(e.Workload, "/")
	return MatrixEnd{Kind: "pods", Namespace: namespace, Name: name, Members: e.Members}
}

func changeOf(kinds []equiv.Kind) string {
	opens, closes := slices.Contains(kinds, equiv.Opens), slices.Contains(kinds, equiv.Closes)
	switch {
	case opens && closes:
		return "both"
	case opens:
		return string(equiv.Opens)
	case closes:
		return string(equiv.Closes)
	case len(kinds) > 0:
		return string(equiv.Unjudged)
	}
	return "same"
}

// maxRanges bounds what a cell lists.
const maxRanges = 8

func allowedText(a equiv.Allowed) string {
	switch {
	case a.Whole:
		return "all"
	case len(a.Ports)+len(a.InPart)+len(a.Unsure) == 0:
		return "none"
	}
	var out []string
	for _, list := range []struct {
		prefix string
		ranges []equiv.PortRange
	}{{"", a.Ports}, {"in part: ", a.InPart}, {"unknown: ", a.Unsure}} {
		if len(list.ranges) > 0 {
			out = append(out, list.prefix+rangesText(list.ranges))
		}
	}
	return strings.Join(out, "; ")
}

func rangesText(ranges []equiv.PortRange) string {
	var out []string
	for i, r := range ranges {
		if i == maxRanges {
			out = append(out, fmt.Sprintf("%d more", len(ranges)-i))
			break
		}
		out = append(out, rangeText(r))
	}
	return strings.Join(out, ", ")
}

// rangeText is protocol, protocol/port or protocol/first-last.
func rangeText(r equiv.PortRange) string {
	if r.Protocol == 0 {
		return "other protocols"
	}
	name, port, _ := strings.Cut(verdict.Connection{Protocol: r.Protocol, Port: r.Low, ICMPType: uint8(r.Low)}.Traffic(), "/")
	switch {
	case port == "", r.Low <= 1 && r.High == 65535, (name == "icmp" || name == "icmpv6") && r.Low == 0 && r.High == 255:
		return name
	case r.Low == r.High:
		return fmt.Sprintf("%s/%d", name, r.Low)
	}
	return fmt.Sprintf("%s/%d-%d", name, r.Low, r.High)
}

// runLengths writes a row as Matrix.Rows has it.
func runLengths(row []int32) string {
	var b strings.Builder
	for i := 0; i < len(row); {
		n := 1
		for i+n < len(row) && row[i+n] == row[i] {
			n++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, row[i])
		if n > 1 {
			fmt.Fprintf(&b, "*%d", n)
		}
		i += n
	}
	return b.String()
}
