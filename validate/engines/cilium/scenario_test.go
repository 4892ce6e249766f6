package cilium

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// scenario is one set of policies in one cluster, and what is expected of connections in it. A txtar file
// holds one, or several whose sections are prefixed with their names; sections without a prefix are shared.
type scenario struct {
	name        string
	policies    []Document
	cluster     []Document
	rejected    []string
	connections string
}

// omitted is the environment variable by which the ablation test leaves a step out in its children.
const omitted = "POLICYFERRY_OMIT"

func TestScenarios(t *testing.T) {
	opts := Options{}
	if name := os.Getenv(omitted); name != "" {
		opts.omit = map[step]bool{step(name): true}
	}
	for _, s := range readScenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			s.check(t, opts)
			// The order of documents must not matter.
			slices.Reverse(s.policies)
			slices.Reverse(s.cluster)
			s.check(t, opts)
		})
	}
}

// check builds the engine of a scenario and asks it everything.
func (s scenario) check(t *testing.T, opts Options) {
	t.Helper()
	engine, err := New(s.policies, s.cluster, opts)
	if err != nil {
		t.Fatal(err)
	}
	var rejected []string
	for _, r := range engine.Rejected() {
		rejected = append(rejected, r.Kind+" "+qualified(r.Namespace, r.Name))
	}
	if !slices.Equal(rejected, s.rejected) {
		t.Errorf("rejected %q, want %q (%v)", rejected, s.rejected, engine.Rejected())
	}
	expectations, err := parseExpectations(s.connections)
	if err != nil {
		t.Fatal(err)
	}
	if len(expectations) == 0 {
		t.Fatal("no connections")
	}
	for _, want := range expectations {
		got, err := engine.Answer(want.connection)
		if err == nil {
			err = want.compare(got)
		}
		if err != nil {
			t.Errorf("%s: %v", want.line, err)
		}
	}
}

// readScenarios reads all scenarios; a section or a file that nobody reads is an error.
func readScenarios(t *testing.T) []scenario {
	t.Helper()
	base, err := ReadPaths([]string{"testdata/cluster.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	var all []scenario
	for _, file := range files {
		read, err := readScenarioFile(file, base)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read...)
	}
	return all
}

func readScenarioFile(file string, base []Document) ([]scenario, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	if len(strings.TrimSpace(string(archive.Comment))) == 0 {
		return nil, fmt.Errorf("%s: does not say what it shows", file)
	}
	title := strings.TrimSuffix(filepath.Base(file), ".txtar")
	shared := scenario{name: title, cluster: slices.Clone(base)}
	var cases []*scenario
	for _, section := range archive.Files {
		name, part, found := strings.Cut(section.Name, "/")
		s := &shared
		if !found {
			part = name
		} else {
			at := slices.IndexFunc(cases, func(c *scenario) bool { return c.name == title+"/"+name })
			if at < 0 {
				fresh := shared
				fresh.name, fresh.cluster = title+"/"+name, slices.Clone(shared.cluster)
				cases = append(cases, &fresh)
				at = len(cases) - 1
			}
			s = cases[at]
		}
		if err := s.add(part, section.Data); err != nil {
			return nil, fmt.Errorf("%s: section %s: %w", file, section.Name, err)
		}
	}
	if cases == nil {
		return []scenario{shared}, nil
	}
	var all []scenario
	for _, c := range cases {
		all = append(all, *c)
	}
	return all, nil
}

// add takes one section in.
func (s *scenario) add(part string, content []byte) error {
	docs := []Document{}
	var err error
	switch part {
	case "policies.yaml":
		docs, err = ReadDocuments(part, content)
		s.policies = append(s.policies, docs...)
	case "cluster.yaml", "facts.yaml":
		docs, err = ReadDocuments(part, content)
		s.cluster = append(s.cluster, docs...)
	case "rejected":
		s.rejected = strings.Split(strings.TrimSpace(string(content)), "\n")
	case "connections":
		s.connections = string(content)
	default:
		err = errors.New("is none of policies.yaml, cluster.yaml, facts.yaml, rejected, connections")
	}
	return err
}
