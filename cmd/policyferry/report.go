package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
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
	Read       int `json:"read"`
	Exact      int `json:"exact"`
	Narrowed   int `json:"narrowed"`
	Opened     int `json:"opened"`
	Inert      int `json:"inert"`
	Refused    int `json:"refused"`
	PassedOver int `json:"passedOver"`
	Written    int `json:"written"`
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
	Object   diag.Object    `json:"object"`
	Position diag.Position  `json:"position"`
	Effect   string         `json:"effect"`
	Codes    []string       `json:"codes,omitempty"`
	Fields   []ledger.Entry `json:"fields"`
}

type reportOutput struct {
	Object diag.Object   `json:"object"`
	From   []diag.Object `json:"from"`
}

func newReport(r *translate.Result) report {
	out := report{Version: version(), Source: r.Source.String(), Target: r.Target.String(), Written: len(r.Blocked) == 0,
		Summary: reportSummary(r.Summary()), Relied: []reportFact{}, Findings: []reportEntry{}, Objects: []reportObject{},
		Passed: r.PassedOver, Outputs: []reportOutput{}}
	for _, f := range r.Relied {
		out.Relied = append(out.Relied, reportFact{string(f), r.Facts.Text(f)})
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, reportEntry{f.Code.ID, f.Code.Name, f.Code.Severity.String(), string(f.Effect()),
			f.Pos, f.Object, f.Path, f.Message, f.Hint, f.Related})
	}
	for _, o := range r.Objects {
		out.Objects = append(out.Objects, reportObject{o.Object, o.Pos, string(o.Effect), o.Codes, o.Fields})
	}
	for _, o := range r.Outputs {
		out.Outputs = append(out.Outputs, reportOutput{o.Object, o.From})
	}
	return out
}

func writeReport(stdout io.Writer, path string, r *translate.Result) error {
	text, err := json.MarshalIndent(newReport(r), "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = stdout.Write(text)
	} else {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		return usage("", "writing the report: %v", err)
	}
	return nil
}
