package calico

// A Rejection is a policy object that is not enforced, and why: the API, its validation or Felix
// refuses it.
type Rejection struct {
	Kind      string
	Namespace string
	Name      string
	Reason    string
}

func (r Rejection) String() string {
	object := r.Name
	if r.Namespace != "" {
		object = r.Namespace + "/" + r.Name
	}
	return "rejected: " + r.Kind + " " + object + ": " + r.Reason
}

func rejectionOf(d *document, err error) Rejection {
	return Rejection{Kind: d.kind, Namespace: d.namespace, Name: d.name, Reason: oneLine(err.Error())}
}
