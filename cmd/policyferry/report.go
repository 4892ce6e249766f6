package main

import (
	"encoding/json"
	"os"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/emit"
	"github.com/policyferry/policyferry/translate/ledger"
)

// The report is what --report writes; docs/report.md describes it. Fields are added, never renamed.
type report struct {
	Version  string         `json:"version"`
	Source   string         `json:"source"`
	Target   string         `json:"target"`
	Summary  reportSummary  `json:"summary"`
	Written  bool           `json:"written"`
	Relied   []reportFact   `json:"reliedOn"`
	Findings []reportEntry  `json:"findings"`
	Objects  []reportObject `json:"objects"`
	Passed   map[string]int `json:"passedOver"`
	Outputs  []reportOutput `json:"outputs"`
}

type reportSummary struct {
	Read        int `json:"read"`
	Exact       int `json:"exact"`
	PartlyInert int `json:"partlyInert"`
	Narrowed    int `json:"narrowed"`
	Opened      int `json:"opened"`
	Inert       int `json:"inert"`
	Refused     int `json:"refused"`
	PassedOver  int `json:"passedOver"`
	Written     int `json:"written"`
}

type reportFact struct {
	Fact  string `json:"fact"`
	Value string `json:"value"`
}

type reportEntry struct {
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	Severity string         `json:"severity"`
	Effect   string         `json:"effect"`
	Position diag.Position  `json:"position"`
	Object   diag.Object    `json:"object"`
	Path     string         `json:"path,omitempty"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
	Related  []diag.Related `json:"related,omitempty"`
}

type reportObject struct {
	Object      diag.Object    `json:"object"`
	Position    diag.Position  `json:"position"`
	Effect      string         `json:"effect"`
	PartlyInert bool           `json:"partlyInert,omitempty"`
	Codes       []string       `json:"codes,omitempty"`
	Fields      []ledger.Entry `json:"fields"`
}

type reportOutput struct {
	Object diag.Object   `json:"object"`
	From   []diag.Object `json:"from"`
}

func newReport(r *translate.Result) report {
	out := report{Version: version(), Source: r.Source.String(), Target: r.Target.String(), Written: len(r.Blocked) == 0,
		Summary: reportSummary(r.Summary()), Relied: []reportFact{}, Findings: []reportEntry{}, Objects: []reportObject{},
		Passed: r.PassedOver, Outputs: []reportOutput{}}
	if !out.Written {
		out.Summary.Written = 0
	}
	for _, f := range r.Relied {
		out.Relied = append(out.Relied, reportFact{string(f), r.Facts.Text(f)})
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, reportEntry{f.Code.ID, f.Code.Name, f.Code.Severity.String(), string(f.Effect()),
			f.Pos, f.Object, f.Path, f.Message, f.Hint, f.Related})
	}
	for _, o := range r.Objects {
		out.Objects = append(out.Objects, reportObject{o.Object, o.Pos, string(o.Effect), o.PartlyInert, o.Codes, o.Fields})
	}
	for _, o := range r.Outputs {
		from := o.From
		if from == nil {
			from = []diag.Object{}
		}
		out.Outputs = append(out.Outputs, reportOutput{o.Object, from})
	}
	return out
}

// reportFile is the report as it will be written. An earlier report is overwritten, any other file only by force.
func reportFile(f *translateFlags, r *translate.Result) (emit.File, error) {
	text, err := json.MarshalIndent(newReport(r), "", "  ")
	if err != nil {
		return emit.File{}, &exit{ExitFault, "writing the report: " + err.Error(), ""}
	}
	file := emit.File{Path: f.report, Data: append(text, '\n'), Replace: true}
	if f.report == "" || f.report == "-" || f.force || device(f.report) {
		return file, nil
	}
	old, err := os.ReadFile(f.report)
	if err == nil && len(old) > 0 && !isReport(old) {
		return emit.File{}, usage("choose another file, or overwrite it with --force",
			"%s exists and is not a report of policyferry, so nothing is written", f.report)
	}
	return file, nil
}

// isReport reports whether a text is a report that we wrote.
func isReport(text []byte) bool {
	var keys struct{ Version, Source, Target, ReliedOn, Findings json.RawMessage }
	return json.Unmarshal(text, &keys) == nil &&
		keys.Version != nil && keys.Source != nil && keys.Target != nil && keys.ReliedOn != nil && keys.Findings != nil
}
