package translate

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/translate/source"
)

// identity is what of an object says which object it is, and where it came from.
type identity struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
}

// write turns raised objects into outputs in a fixed order, and holds each of them to the target's own validation.
func (t *translation) write(objects []any) []Output {
	origins := t.origins()
	var out []Output
	for _, o := range objects {
		text, err := json.Marshal(o)
		if err != nil {
			t.findings.Add(diag.Internal.At(diag.Position{}, diag.Object{}, "", "an object of the output cannot be written: %v", err))
			continue
		}
		id, err := identityOf(o, text)
		if err != nil {
			t.findings.Add(diag.Internal.At(diag.Position{}, diag.Object{}, "", "an object of the output cannot be read back: %v", err))
			continue
		}
		output := Output{JSON: text, Object: diag.Object{APIVersion: id.APIVersion, Kind: id.Kind, Namespace: id.Metadata.Namespace, Name: id.Metadata.Name}}
		for _, d := range origins.of(output.Object, id) {
			output.From = append(output.From, d.Object)
			output.File = cmp.Or(output.File, d.Pos.File)
		}
		out = append(out, output)
	}
	t.accepted(out)
	slices.SortStableFunc(out, func(a, b Output) int {
		return cmp.Or(kindRank(a.Object.Kind)-kindRank(b.Object.Kind), strings.Compare(a.Object.Kind, b.Object.Kind),
			strings.Compare(a.Object.Namespace, b.Object.Namespace), strings.Compare(a.Object.Name, b.Object.Name))
	})
	return out
}

// identityOf tells which object it is. Cilium's policies say so themselves; others are read back.
func identityOf(o any, text []byte) (id identity, err error) {
	policy, ok := o.(interface {
		Identity() (object diag.Object, annotations map[string]string)
	})
	if !ok {
		return id, json.Unmarshal(text, &id)
	}
	object, annotations := policy.Identity()
	id.APIVersion, id.Kind = object.APIVersion, object.Kind
	id.Metadata.Name, id.Metadata.Namespace, id.Metadata.Annotations = object.Name, object.Namespace, annotations
	return id, nil
}

// kindRank puts first what others refer to: tiers and sets before policies, and cluster-wide policies before those
// of a namespace.
func kindRank(kind string) int {
	switch kind {
	case "Tier":
		return 0
	case "GlobalNetworkSet", "NetworkSet", "CiliumCIDRGroup":
		return 1
	case "GlobalNetworkPolicy", "CiliumClusterwideNetworkPolicy", "ClusterNetworkPolicy":
		return 2
	}
	return 3
}

// origins finds source documents by what an output says of them.
type origins map[string][]*source.Document

func (t *translation) origins() origins {
	out := origins{}
	for _, d := range slices.Concat(t.own, t.standard) {
		out[d.Object.String()] = append(out[d.Object.String()], d)
	}
	return out
}

// of returns the source documents of an output: those that its annotation names, or the one that it is itself, passed
// through with or without the namespace that the source leaves out.
func (o origins) of(object diag.Object, id identity) []*source.Document {
	if name := id.Metadata.Annotations["policyferry.io/source"]; name != "" {
		return o[name]
	}
	bare := object
	bare.Namespace = ""
	for _, d := range append(slices.Clone(o[object.String()]), o[bare.String()]...) {
		if d.Object.APIVersion == object.APIVersion {
			return []*source.Document{d}
		}
	}
	return nil
}

// accepted reports what the target would not accept. Such an output is our fault, and blocks everything: an object
// that the API server takes and the agent rejects is not enforced at all.
func (t *translation) accepted(outputs []Output) {
	if t.opt.Accepts == nil {
		return
	}
	problems := parallel.Map(len(outputs), func(i int) []Problem {
		return t.opt.Accepts(outputs[i].JSON, t.env.Target, t.env.Facts)
	})
	for i, list := range problems {
		o := outputs[i]
		pos := diag.Position{}
		if len(o.From) > 0 {
			pos = t.positionOf(o.From[0])
		}
		for _, p := range list {
			t.findings.Add(diag.OutputInvalid.At(pos, o.Object, p.Path, "%s would reject this object of the output: %s", t.env.Target, p.Message))
		}
	}
}

func (t *translation) positionOf(o diag.Object) diag.Position {
	for _, d := range t.policies() {
		if d.Object == o {
			return d.Pos
		}
	}
	return diag.Position{}
}

// result closes the books.
func (t *translation) result(outputs []Output) *Result {
	t.closeLedgers()
	r := &Result{Source: t.env.Source, Target: t.env.Target, Outputs: outputs, PassedOver: t.passedOver,
		Facts: t.env.Facts, Relied: t.env.Relied.List(), Findings: t.findings.Sorted()}
	for _, f := range r.Findings {
		if e := f.Effect(); f.Code.ID >= "PF9" || (e == diag.Opens || e == diag.Refused) && !t.env.Accepted[f.Code.ID] {
			r.Blocked = append(r.Blocked, f)
		}
	}
	effects := map[diag.Object][]diag.Effect{}
	codes := map[diag.Object][]string{}
	for _, f := range r.Findings {
		effects[f.Object] = append(effects[f.Object], f.Effect())
		codes[f.Object] = append(codes[f.Object], f.Code.ID)
	}
	for _, d := range t.policies() {
		report := ObjectReport{Object: d.Object, Pos: d.Pos, Codes: codes[d.Object]}
		slices.Sort(report.Codes)
		report.Codes = slices.Compact(report.Codes)
		report.Fields = t.env.Ledger(d).Entries()
		r.Objects = append(r.Objects, report)
	}
	slices.SortStableFunc(r.Objects, func(a, b ObjectReport) int {
		if a.Pos.Before(b.Pos) {
			return -1
		}
		return 1
	})
	r.became(effects)
	return r
}

// closeLedgers reports every field that nobody has accounted for. The fields of an object that is refused as a whole
// are accounted for by the finding that refuses it.
func (t *translation) closeLedgers() {
	refused := map[diag.Object]string{}
	for _, f := range t.findings.All() {
		if f.Effect() == diag.Refused || f.Code == diag.NotEnforced || f.Code == diag.NotReadBySource {
			refused[f.Object] = f.Code.ID
		}
	}
	for _, d := range t.policies() {
		l := t.env.Ledger(d)
		l.Metadata()
		for _, path := range l.Left() {
			if code, ok := refused[d.Object]; ok {
				l.Reported(path, code)
				continue
			}
			t.findings.Add(diag.FieldLost.At(d.Position(path), d.Object, path, "field %s was neither carried nor reported", path).
				WithHint("this is a fault of policyferry; please report it"))
		}
	}
}

// policies are all policy documents of the source, carried or not.
func (t *translation) policies() []*source.Document {
	return slices.Concat(t.own, t.standard, t.refused)
}
