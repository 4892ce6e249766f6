package translate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/fixtures"
	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/ledger"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/fields"
	"github.com/policyferry/policyferry/validate/schema"
)

// place is a part of a kind in which fields stand: its spec, or one of its lists of rules.
type place struct {
	// kinds are the kinds that have it, and path is where.
	kinds []string
	path  string
	// spec is the rest of a valid spec, and rule the rest of a valid rule in it; empty for the spec itself.
	spec, rule string
	// from stands for the @ in field names.
	from   string
	probes []probe
}

// probe sets one field.
type probe struct {
	// field is its path below the place, and with is YAML that sets it; without is the same YAML without the field, or
	// where the field is a required one, with another value. SELECTOR stands for label selectors of every
	// form, NODES for those of nodes.
	field, with, without string
	// beside are other objects of the set.
	beside string
	// refused says that every cluster turns away an object that has the field there.
	refused bool
	// neutral is why a field that is carried changes nothing.
	neutral string
	// calico is its release, where the usual one does not do.
	calico        string
	calicoVersion string
}

// filled puts a label selector in its place. Nodes have other labels than pods.
func filled(text, form string) string {
	nodes := strings.NewReplacer("app", "node-role.kubernetes.io/control-plane", "db", "''").Replace(form)
	return strings.NewReplacer("SELECTOR", form, "NODES", nodes).Replace(text)
}

// selectors are the forms of a label selector.
var selectors = []string{
	"{matchLabels: {app: db}}",
	"{matchExpressions: [{key: app, operator: In, values: [db]}]}",
	"{matchExpressions: [{key: app, operator: NotIn, values: [db]}]}",
	"{matchExpressions: [{key: app, operator: Exists}]}",
	"{matchExpressions: [{key: app, operator: DoesNotExist}]}",
}

// TestEveryField sets each field of each kind in turn, with everything known about the cluster and with nothing, and
// asks what became of it. It must have been carried, reported, or declared without meaning (law 1). What is carried
// must make a difference, what is reported must be reported, and what has no meaning must make no difference.
func TestEveryField(t *testing.T) {
	for _, kind := range fields.Kinds() {
		for _, field := range kind.Fields {
			places := placesOf(kind, field.Path)
			if len(places) == 0 {
				t.Errorf("%s: no probe sets %s", kind, field.Path)
			}
			for _, c := range places {
				for _, to := range targets(kind) {
					t.Run(fmt.Sprintf("%s/%s/%s", to, kind, field.Path), func(t *testing.T) {
						t.Parallel()
						c.check(t, kind, field, to)
					})
				}
			}
		}
	}
}

// targets are the directions in which a kind is translated.
func targets(k fields.Kind) []compat.CNI {
	switch {
	case strings.HasPrefix(k.APIVersion, "projectcalico.org/"):
		return []compat.CNI{compat.Cilium}
	case strings.HasPrefix(k.APIVersion, "cilium.io/"):
		return []compat.CNI{compat.Calico}
	}
	return []compat.CNI{compat.Calico, compat.Cilium}
}

// probing is a probe at its place.
type probing struct {
	place
	probe
}

// placesOf finds the probe for a field of a kind. What is said of spec holds for each element of specs.
func placesOf(kind fields.Kind, path string) []probing {
	if rest, ok := strings.CutPrefix(path, "specs[]"); ok {
		path = "spec" + rest
	}
	var out []probing
	for _, p := range places {
		if !slices.Contains(p.kinds, kind.String()) {
			continue
		}
		for _, q := range p.probes {
			if p.path+"."+strings.ReplaceAll(q.field, "@", p.from) == path {
				out = append(out, probing{p, q})
			}
		}
	}
	return out
}

func (c probing) check(t *testing.T, kind fields.Kind, field fields.Field, to compat.CNI) {
	forms := selectors
	if !strings.Contains(c.with, "SELECTOR") && !strings.Contains(c.with, "NODES") || strings.HasPrefix(field.Path, "specs[]") {
		forms = selectors[:1]
	}
	same := false
	for _, facts := range []string{"everything known", "nothing known"} {
		without := c.run(t, kind, field, to, facts, c.without)
		for _, form := range forms {
			with := c.run(t, kind, field, to, facts, filled(c.with, form))
			c.judge(t, facts+", "+form, field.Path, with, without, facts == "everything known")
			same = same || with.output == without.output
		}
	}
	if c.neutral != "" && !same {
		t.Errorf("the field is said to be neutral (%s), and always makes a difference", c.neutral)
	}
}

// judge compares what came of an object with the field to what came of it without.
func (c probing) judge(t *testing.T, name, field string, with, without *outcome, known bool) {
	t.Helper()
	for _, f := range with.result.Findings {
		if f.Code.ID >= "PF9" {
			t.Errorf("%s: %s", name, f.String())
		}
	}
	entry, ok := with.entry(field)
	if !ok {
		t.Fatalf("%s: the object does not have the field; its ledger is\n%v", name, with.object.Fields)
	}
	known = known && !with.has(diag.NotReadBySource)
	if known && c.refused != with.turnedAway() {
		t.Errorf("%s: turned away: %v\n%s", name, with.turnedAway(), with.findings())
	}
	if known && without.turnedAway() {
		t.Errorf("%s: turned away even without the field:\n%s", name, without.findings())
	}
	differs := with.output != without.output || with.findings() != without.findings()
	switch entry.Disposition {
	case ledger.Carried:
		// What is not known may hide the difference, but then something was reported.
		if !differs && c.neutral == "" && !with.remarks(entry, c.path) && (known || !with.loses()) {
			t.Errorf("%s: %s is carried, and the output is the same without it:\n%s%s", name, entry.Path, with.findings(), with.output)
		}
	case ledger.NoMeaning:
		if differs {
			t.Errorf("%s: %s is without meaning (%s), and the output is another without it", name, entry.Path, entry.Why)
		}
	case ledger.Reported:
		if !with.names(entry) {
			t.Errorf("%s: %s is reported by %s, and no such finding is about it:\n%s", name, entry.Path, entry.Why, with.findings())
		}
	default:
		t.Errorf("%s: nothing became of %s", name, entry.Path)
	}
	t.Logf("%s: %s %s", name, entry.Disposition, entry.Why)
}

// outcome is what came of one object.
type outcome struct {
	result *translate.Result
	object *translate.ObjectReport
	output string
}

// run translates the object that the YAML makes.
func (c probing) run(t *testing.T, kind fields.Kind, field fields.Field, to compat.CNI, facts, text string) *outcome {
	t.Helper()
	return c.translate(t, kind, to, facts, c.documents(t, kind, field, text))
}

func (c probing) translate(t *testing.T, kind fields.Kind, to compat.CNI, facts string, docs []*source.Document) *outcome {
	t.Helper()
	opt := translate.Options{To: to, From: to.Other(), Enforced: schema.Enforced, Accepts: schema.Accepts}
	if to == compat.Cilium {
		opt.SourceVersion = c.calicoVersion(kind)
	} else {
		opt.TargetVersion = c.calicoVersion(kind)
	}
	if facts == "everything known" {
		opt.Cluster = knownFacts(t)
	}
	r, err := translate.Translate(docs, opt)
	if err != nil {
		t.Fatal(err)
	}
	out := &outcome{result: r}
	for i := range r.Objects {
		if o := &r.Objects[i]; o.Object.Kind == kind.Kind && o.Object.Name == objectName(kind) {
			out.object = o
		}
	}
	if out.object == nil {
		t.Fatal("the object is not in the report")
	}
	for _, o := range r.Outputs {
		out.output += string(o.JSON) + "\n"
	}
	return out
}

// calicoVersion is the release of Calico that reads a kind.
func (c probing) calicoVersion(k fields.Kind) string {
	if c.calico != "" {
		return c.calico
	}
	if k.Kind == "ClusterNetworkPolicy" {
		return "3.32"
	}
	return "3.31"
}

func objectName(k fields.Kind) string {
	if k.Kind == "BaselineAdminNetworkPolicy" {
		return "default" // no other name is accepted
	}
	return "probed"
}

// documents makes the object and those beside it.
func (c probing) documents(t *testing.T, kind fields.Kind, field fields.Field, text string) []*source.Document {
	t.Helper()
	return c.documentsOf(t, c.content(t, kind, field, text))
}

// documentsOf reads the object and those beside it.
func (c probing) documentsOf(t *testing.T, object map[string]any) []*source.Document {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return append(read(t, "probed.yaml", string(data)), read(t, "beside.yaml", c.beside)...)
}

// content is the object with its rule around the text.
func (c probing) content(t *testing.T, kind fields.Kind, field fields.Field, text string) map[string]any {
	t.Helper()
	fill := func(s string) map[string]any {
		var out map[string]any
		if err := yaml.UnmarshalStrict([]byte(strings.ReplaceAll(s, "@", c.from)), &out); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return out
	}
	spec, content := fill(c.spec), fill(text)
	if list, ok := strings.CutPrefix(c.path, "spec."); ok {
		content = map[string]any{strings.TrimSuffix(list, "[]"): []any{merged(fill(c.rule), content)}}
	}
	spec = merged(spec, content)
	maps.DeleteFunc(spec, func(_ string, v any) bool { return v == "ABSENT" })
	object := map[string]any{"apiVersion": kind.APIVersion, "kind": kind.Kind, "spec": spec}
	if strings.HasPrefix(field.Path, "specs[]") {
		delete(object, "spec")
		object["specs"] = []any{spec}
	}
	meta := map[string]any{"name": objectName(kind), "labels": map[string]any{"role": "probed"}}
	if kind.Namespaced {
		meta["namespace"] = "shop"
	}
	object["metadata"] = meta
	return object
}

// merged is a with what b has in its place.
func merged(a, b map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

func read(t *testing.T, name, text string) []*source.Document {
	t.Helper()
	docs, problems := source.ReadBytes(name, []byte(text), source.Options{})
	if problems.Len() > 0 && text != "" {
		t.Fatal(problems.All())
	}
	return docs
}

func knownFacts(t *testing.T) []*source.Document {
	t.Helper()
	data, err := fixtures.Files.ReadFile("cast/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return append(read(t, "cluster.yaml", string(data)), read(t, "facts.yaml", facts)...)
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// entry is the ledger's entry for a field, or for the first one below it. Mappings and selectors have their keys below
// them.
func (o *outcome) entry(field string) (ledger.Entry, bool) {
	for _, e := range o.object.Fields {
		if source.Within(index.ReplaceAllString(e.Path, "[]"), field) {
			return e, true
		}
	}
	return ledger.Entry{}, false
}

// turnedAway reports whether nothing of the object is carried, because no cluster would enforce it.
func (o *outcome) turnedAway() bool {
	return slices.ContainsFunc(o.result.Findings, func(f diag.Finding) bool {
		return f.Object == o.object.Object && (f.Effect() == diag.Refused || f.Code == diag.NotEnforced)
	})
}

// remarks reports whether a finding is about the field itself, or about one around it inside the place.
func (o *outcome) remarks(e ledger.Entry, place string) bool {
	return slices.ContainsFunc(o.result.Findings, func(f diag.Finding) bool {
		at := strings.Replace(index.ReplaceAllString(f.Path, "[]"), "specs[]", "spec", 1)
		return f.Object == o.object.Object && source.Within(e.Path, f.Path) && len(at) > len(place)
	})
}

// loses reports whether some finding says that the output is not exact.
func (o *outcome) loses() bool {
	return slices.ContainsFunc(o.result.Findings, func(f diag.Finding) bool { return f.Effect() == diag.Narrows || f.Effect() == diag.Opens })
}

func (o *outcome) has(code *diag.Code) bool {
	return slices.ContainsFunc(o.result.Findings, func(f diag.Finding) bool { return f.Code == code })
}

func (o *outcome) findings() string {
	var b strings.Builder
	for _, f := range o.result.Findings {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", f.Code.ID, f.Effect(), f.Object, f.Path, f.Message)
	}
	return b.String()
}

// names reports whether a finding of the entry's code is about its field: at the field, above it or below it.
func (o *outcome) names(e ledger.Entry) bool {
	return slices.ContainsFunc(o.result.Findings, func(f diag.Finding) bool {
		return f.Code.ID == e.Why && f.Object == o.object.Object &&
			(source.Within(e.Path, f.Path) || source.Within(f.Path, e.Path) || !strings.HasPrefix(f.Path, "spec") || o.turnedAway())
	})
}

// TestEveryProbeIsOfAField keeps the probes to fields that exist.
func TestEveryProbeIsOfAField(t *testing.T) {
	kinds := fields.Kinds()
	for _, p := range places {
		for _, q := range p.probes {
			path := p.path + "." + strings.ReplaceAll(q.field, "@", p.from)
			for _, kind := range kinds {
				if slices.Contains(p.kinds, kind.String()) && !slices.ContainsFunc(kind.Fields, func(f fields.Field) bool { return f.Path == path }) {
					t.Errorf("%s has no field %s", kind, path)
				}
			}
		}
	}
}
