package main

import (
	"encoding/json"
	"io"
	"math"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// comparisonDocument is what verify --format json writes; docs/verify.md describes it. Fields are added, never renamed.
type comparisonDocument struct {
	Version     string               `json:"version"`
	Answer      string               `json:"answer"`
	Left        comparisonSide       `json:"left"`
	Right       comparisonSide       `json:"right"`
	Engines     bool                 `json:"engines"`
	Synthetic   bool                 `json:"syntheticCluster"`
	Differences []differenceDocument `json:"differences"`
	Omitted     int                  `json:"omitted"`
	NotCompared []string             `json:"notCompared"`
	Compared    comparedDocument     `json:"compared"`
}

type comparisonSide struct {
	Path        string              `json:"path"`
	CNI         string              `json:"cni"`
	Objects     int                 `json:"objects"`
	NotRead     int                 `json:"notRead"`
	NotEnforced []rejectionDocument `json:"notEnforced"`
	// Lacking are the kinds of policy that the set's snapshot lacks.
	Lacking []string `json:"lacking,omitempty"`
}

type rejectionDocument struct {
	Object string `json:"object"`
	Reason string `json:"reason"`
}

type differenceDocument struct {
	Kind        string          `json:"kind"`
	Witness     witnessDocument `json:"witness"`
	Example     string          `json:"example,omitempty"`
	Pairs       int             `json:"pairs"`
	Connections float64         `json:"connections"`
	Left        judgedDocument  `json:"left"`
	Right       judgedDocument  `json:"right"`
}

type witnessDocument struct {
	Text       string `json:"text"`
	From       string `json:"from"`
	To         string `json:"to"`
	Protocol   uint8  `json:"protocol"`
	Port       uint16 `json:"port,omitempty"`
	SourcePort uint16 `json:"sourcePort,omitempty"`
	ICMPType   *uint8 `json:"icmpType,omitempty"`
	ICMPCode   *uint8 `json:"icmpCode,omitempty"`
	IPVersion  int    `json:"ipVersion,omitempty"`
}

type judgedDocument struct {
	Egress  string `json:"egress"`
	Ingress string `json:"ingress"`
	Why     string `json:"why,omitempty"`
	// EgressWhen and IngressWhen say what passes of a connection into which a proxy looks.
	EgressWhen  *conditionDocument `json:"egressWhen,omitempty"`
	IngressWhen *conditionDocument `json:"ingressWhen,omitempty"`
	By          []stepDocument     `json:"by"`
}

type conditionDocument struct {
	About string   `json:"about"`
	AnyOf []string `json:"anyOf"`
}

type stepDocument struct {
	End     string `json:"end"`
	Policy  string `json:"policy,omitempty"`
	Path    string `json:"path,omitempty"`
	Where   string `json:"where,omitempty"`
	What    string `json:"what"`
	Decides bool   `json:"decides"`
}

type comparedDocument struct {
	Pods    int   `json:"pods"`
	Classes int   `json:"classes"`
	Nodes   int   `json:"nodes"`
	Ranges  int   `json:"ranges"`
	Judged  int64 `json:"judged"`
}

func (o *verifyOutput) document(r *equiv.Result) comparisonDocument {
	out := comparisonDocument{
		Version: version(), Answer: string(r.Answer), Engines: o.flags.engines, Synthetic: o.world.Synthetic,
		Left: o.sideDocument(0), Right: o.sideDocument(1),
		Differences: []differenceDocument{}, NotCompared: append(append([]string{}, r.Beside...), r.Apart...),
		Compared: comparedDocument{r.Size.Pods, r.Size.Classes, r.Size.Nodes, r.Size.Atoms, r.Size.Judged},
	}
	for i, d := range r.Differences {
		if o.flags.max > 0 && i == o.flags.max {
			out.Omitted = len(r.Differences) - i
			break
		}
		out.Differences = append(out.Differences, differenceDocument{
			Kind: string(d.Kind), Witness: newWitness(d.Witness), Example: d.Example, Pairs: d.Pairs, Connections: math.Round(d.Connections),
			Left: newJudged(d.Left, d.LeftBy), Right: newJudged(d.Right, d.RightBy),
		})
	}
	return out
}

func (o *verifyOutput) sideDocument(i int) comparisonSide {
	s := comparisonSide{Path: o.sets[i].path, CNI: string(o.sides[i].CNI), Objects: len(o.sets[i].Documents), NotRead: o.sets[i].foreign(), NotEnforced: []rejectionDocument{}, Lacking: o.sets[i].lacking()}
	for _, r := range o.sides[i].Rejected() {
		s.NotEnforced = append(s.NotEnforced, rejectionDocument{r.Object, r.Reason})
	}
	return s
}

func newWitness(c verdict.Connection) witnessDocument {
	w := witnessDocument{
		Text: c.String(), From: c.From.String(), To: c.To.String(), Protocol: c.Protocol, Port: c.Port, IPVersion: c.IPVersion,
	}
	switch c.Protocol {
	case 1, 58:
		w.ICMPType, w.ICMPCode = &c.ICMPType, &c.ICMPCode
	case 6, 17, 132:
		w.SourcePort = c.SourcePort
	}
	return w
}

func newJudged(v verdict.Verdict, by []verdict.Step) judgedDocument {
	return judgedDocument{
		Egress: string(v.Egress), Ingress: string(v.Ingress), Why: v.Why, By: newSteps(by),
		EgressWhen: newCondition(v.EgressWhen), IngressWhen: newCondition(v.IngressWhen),
	}
}

func newCondition(c *condition.Condition) *conditionDocument {
	if c == nil {
		return nil
	}
	return &conditionDocument{c.About(), append([]string{}, c.Parts()...)}
}

func newSteps(steps []verdict.Step) []stepDocument {
	out := []stepDocument{}
	for _, s := range steps {
		end := "egress"
		if s.Ingress {
			end = "ingress"
		}
		out = append(out, stepDocument{end, s.Policy, s.Path, s.Where, s.What, s.Decides})
	}
	return out
}

func writeJSON(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return &exit{ExitFault, "writing the answer: " + err.Error(), ""}
	}
	return nil
}
