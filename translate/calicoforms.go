package translate

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// calicoForm is what a set, tier or host endpoint of Calico is, whichever of its two forms a document has: that of the
// API, or the custom resource in which it is kept, with name and labels in an annotation
// (libcalico-go/lib/backend/k8s/resources/resources.go).
type calicoForm struct {
	name   string
	labels map[string]string
	spec   any
}

// calicoForm reads a document of these kinds; false for any other. Policies, of which the two forms also differ in
// what goes without saying, are compared where they are lowered.
func (t *translation) calicoForm(d *source.Document) (calicoForm, bool) {
	raw := d.Object.APIVersion == calicoRaw
	if t.env.Source.CNI != compat.Calico || !raw && d.Object.APIVersion != calicoV3 || strings.HasSuffix(d.Object.Kind, "Policy") {
		return calicoForm{}, false
	}
	var object struct {
		Metadata struct {
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec any `json:"spec"`
	}
	if json.Unmarshal(d.Stored(), &object) != nil {
		return calicoForm{}, false
	}
	var kept struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	}
	if raw {
		// An annotation that cannot be read is reported where the object is lowered.
		_ = json.Unmarshal([]byte(object.Metadata.Annotations["projectcalico.org/metadata"]), &kept)
	}
	out := calicoForm{name: cmp.Or(kept.Name, d.Object.Name), labels: map[string]string{}, spec: object.Spec}
	maps.Copy(out.labels, object.Metadata.Labels)
	maps.Copy(out.labels, kept.Labels)
	return out, true
}

// storedAs is the identity under which the cluster holds what a document says. Two documents of one identity are one
// object, also where one is of Calico's API and the other the custom resource behind it.
func (t *translation) storedAs(d *source.Document) diag.Object {
	o := t.stored(d.Object)
	if form, ok := t.calicoForm(d); ok {
		o.APIVersion, o.Name = calicoV3, form.name
	}
	return o
}

// saysTheSame reports whether two documents of one object agree.
func (t *translation) saysTheSame(a, b *source.Document) bool {
	if a.Object.APIVersion == b.Object.APIVersion && a.Object.Name == b.Object.Name {
		return sameContent(a, b)
	}
	x, _ := t.calicoForm(a)
	y, _ := t.calicoForm(b)
	return reflect.DeepEqual(x.spec, y.spec) && maps.Equal(x.labels, y.labels)
}
