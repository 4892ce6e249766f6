package calico

// A Validation says whether Calico accepts one of its objects.
type Validation struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Accepted  bool   `json:"accepted"`
	Error     string `json:"error"`
}

// Validate asks Calico about every Calico object of the paths, in the order of files and documents:
// projectcalico.org/v3 objects as its API does (defaults, lib/validator/v3, the rule that ties a
// policy's name to its tier), crd.projectcalico.org/v1 objects as Felix does, which alone looks at them.
// Each object stands alone: whether its tier exists is not asked.
func Validate(paths []string) ([]Validation, error) {
	documents, err := readPaths(paths)
	if err != nil {
		return nil, err
	}
	quiet()
	reader := newPolicyReader(options{withoutCopiesPassedOver: true})
	validations := []Validation{}
	for i := range documents {
		d := &documents[i]
		if d.apiVersion != groupCalico && d.apiVersion != groupCalicoRaw || newCalicoObject(d.kind) == nil {
			continue
		}
		v := Validation{Kind: d.kind, Namespace: d.namespace, Name: d.name, Accepted: true}
		if err := reader.validate(d); err != nil {
			v.Accepted, v.Error = false, oneLine(err.Error())
		}
		validations = append(validations, v)
	}
	return validations, nil
}

func (r *policyReader) validate(d *document) error {
	read, err := r.read(d)
	if err != nil || read == nil {
		return err
	}
	u := newUpdates()
	if err := u.add(read.stored, d); err != nil {
		return err
	}
	if d.apiVersion != groupCalicoRaw {
		return nil
	}
	for _, one := range u.sorted() {
		if err := felixRefuses(one.kv); err != nil {
			return err
		}
	}
	return nil
}
