package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	File      string        `xml:"file,attr"`
	Line      int           `xml:"line,attr,omitempty"`
	Failure   *junitFailure `xml:"failure"`
	Output    string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a suite for each file. Each finding is a test that failed, or, if it is a note, one that passed and has
// said something; an object without findings is a test that passed.
func JUnit(w io.Writer, run *Run) error {
	doc := junitSuites{Name: "policyferry lint"}
	place := map[string]int{}
	suite := func(file string) *junitSuite {
		at, ok := place[file]
		if !ok {
			at = len(doc.Suites)
			place[file] = at
			doc.Suites = append(doc.Suites, junitSuite{Name: file})
		}
		return &doc.Suites[at]
	}
	type object struct {
		file string
		diag.Object
	}
	told := map[object]bool{}
	for _, f := range run.Findings {
		told[object{f.Pos.File, f.Object}] = true
		suite(f.Pos.File).add(junitFinding(f))
	}
	for _, o := range run.Objects {
		if !told[object{o.Pos.File, o.Object}] {
			suite(o.Pos.File).add(junitCase{Name: o.Object.String(), ClassName: o.Pos.File, File: o.Pos.File, Line: o.Pos.Line})
		}
	}
	for _, s := range doc.Suites {
		doc.Tests += s.Tests
		doc.Failures += s.Failures
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

func junitFinding(f lint.Finding) junitCase {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s: %s (%s)\n", f.Pos, f.Severity, f.Message, f.Code.ID)
	if f.Hint != "" {
		fmt.Fprintf(&text, "hint: %s\n", f.Hint)
	}
	for _, r := range f.Related {
		fmt.Fprintf(&text, "%s: %s\n", r.Pos, r.Message)
	}
	name := f.Code.ID + " " + f.Code.Name
	if o := objectName(f.Object); o != "" {
		name += ": " + o
	}
	c := junitCase{Name: name, ClassName: f.Pos.File, File: f.Pos.File, Line: f.Pos.Line}
	if f.Severity == diag.Note {
		c.Output = text.String()
		return c
	}
	c.Failure = &junitFailure{Type: f.Severity.String(), Message: f.Message, Text: text.String()}
	return c
}
