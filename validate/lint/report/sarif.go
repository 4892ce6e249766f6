package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/docs"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	project     = "https://github.com/policyferry/policyferry"
	pages       = project + "/blob/main/docs/codes/"
	// fingerprintKey names our way of making fingerprints; another way gets another number.
	fingerprintKey = "policyferry/v1"
	sourceRoot     = "%SRCROOT%"
)

// SARIF writes the run in SARIF 2.1.0, with one rule for each code that was found.
func SARIF(w io.Writer, run *Run) error {
	doc := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{{
		Tool:       sarifTool{Driver: sarifDriver{Name: "policyferry", Version: run.Version, InformationURI: project, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}}}
	r := &doc.Runs[0]
	codes := found(run.Findings)
	for _, code := range codes {
		rule, err := sarifRuleOf(code)
		if err != nil {
			return err
		}
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, rule)
	}
	prints, texts := lint.Fingerprints(run.Findings), run.indexed()
	for i, f := range run.Findings {
		r.Results = append(r.Results, sarifResultOf(run, f, slices.Index(codes, f.Code), prints[i], texts))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}

// found are the codes of the findings, by number.
func found(findings []lint.Finding) []*diag.Code {
	var out []*diag.Code
	for _, f := range findings {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	slices.SortFunc(out, func(a, b *diag.Code) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func sarifRuleOf(code *diag.Code) (sarifRule, error) {
	page, err := docs.Codes.ReadFile("codes/" + code.ID + ".md")
	if err != nil {
		return sarifRule{}, err
	}
	return sarifRule{
		ID: code.ID, Name: code.Name, HelpURI: pages + code.ID + ".md",
		ShortDescription: sarifText{Text: code.Title},
		FullDescription:  sarifText{Text: description(string(page))},
		Help: sarifText{Text: "policyferry explain " + code.ID + " shows what this is about and the way out",
			Markdown: links(string(page))},
		DefaultConfiguration: sarifConfiguration{Level: lint.DefaultSeverity(code).String()},
	}, nil
}

// description is the prose of a page between its title and its first example.
func description(page string) string {
	head, _, _ := strings.Cut(page, "\n## ")
	_, prose, _ := strings.Cut(head, "\n**")
	title, prose, _ := strings.Cut(prose, "**\n")
	prose = strings.Join(strings.Fields(prose), " ")
	if prose == "" {
		return title
	}
	return prose
}

// links makes the links between pages lead to the project, since whoever shows the help has no other page.
func links(page string) string {
	return strings.ReplaceAll(page, "](PF", "]("+pages+"PF")
}

func sarifResultOf(run *Run, f lint.Finding, rule int, print string, texts *indexed) sarifResult {
	text := f.Message
	if f.Hint != "" {
		text += "\nhint: " + f.Hint
	}
	at := sarifLocationOf(run, f.Pos)
	if name := objectName(f.Object); name != "" {
		at.LogicalLocations = []sarifLogical{{FullyQualifiedName: strings.TrimSuffix(name+" "+f.Path, " "), Kind: "object"}}
	}
	out := sarifResult{RuleID: f.Code.ID, RuleIndex: rule, Level: f.Severity.String(), Message: sarifText{Text: text},
		Locations: []sarifLocation{at}, PartialFingerprints: map[string]string{fingerprintKey: print}}
	if f.Fix != nil {
		out.Fixes = []sarifFix{sarifFixOf(run, f, texts)}
	}
	for _, other := range f.Related {
		at := sarifLocationOf(run, other.Pos)
		at.Message = &sarifText{Text: other.Message}
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	return out
}

// sarifFixOf is the fix as replacements of regions.
func sarifFixOf(run *Run, f lint.Finding, texts *indexed) sarifFix {
	change := sarifChange{ArtifactLocation: artifact(run.Dir, f.Pos.File)}
	for _, r := range texts.regions(f) {
		replaced := sarifReplacement{DeletedRegion: sarifRegion{StartLine: r.Line, StartColumn: r.Column, EndLine: r.EndLine, EndColumn: r.EndColumn}}
		if r.Text != "" {
			replaced.InsertedContent = &sarifText{Text: r.Text}
		}
		change.Replacements = append(change.Replacements, replaced)
	}
	return sarifFix{Description: sarifText{Text: fixLine(f.Fix)}, ArtifactChanges: []sarifChange{change}}
}

func objectName(o diag.Object) string {
	if o == (diag.Object{}) {
		return ""
	}
	return o.String()
}

func sarifLocationOf(run *Run, pos diag.Position) sarifLocation {
	at := sarifPhysical{ArtifactLocation: artifact(run.Dir, pos.File)}
	if pos.Line > 0 {
		at.Region = &sarifRegion{StartLine: pos.Line, StartColumn: pos.Column}
	}
	return sarifLocation{PhysicalLocation: at}
}

// artifact is a file as a URI relative to the directory of the run, or an absolute one if it lies elsewhere.
func artifact(dir, file string) sarifArtifact {
	file = relative(dir, file)
	if filepath.IsAbs(file) {
		path := filepath.ToSlash(file)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // a drive letter
		}
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(file)}).String(), URIBaseID: sourceRoot}
}

// relative is a file as seen from the directory of the run, if it lies below it.
func relative(dir, file string) string {
	if filepath.IsAbs(file) && dir != "" {
		if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
			return rel
		}
		return file
	}
	return filepath.Clean(file)
}
