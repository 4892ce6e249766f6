package cilium

// Judgement says whether Cilium accepts one of its own policies.
type Judgement struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Accepted  bool   `json:"accepted"`
	Error     string `json:"error"`
}

// Validate judges every CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy among the policies, in the
// order given, by the Parse and Sanitize of an agent with the settings of the cluster. Each is judged alone:
// the same policy may be given twice.
func Validate(policies, cluster []Document) ([]Judgement, error) {
	c, err := NewCluster(cluster)
	if err != nil {
		return nil, err
	}
	if err := configure(c.facts.Settings, c.enabled, Options{}); err != nil {
		return nil, err
	}
	tables, err := newServiceTables(c, Options{})
	if err != nil {
		return nil, err
	}
	with := parsing{cluster: c.facts.Settings.selectorCluster(Options{}), services: tables}
	var judged []Judgement
	for _, doc := range policies {
		p := newPolicyObject(doc, Options{})
		if p == nil || p.kind != kindCilium && p.kind != kindCiliumClusterwide {
			continue
		}
		err := p.decode(doc)
		if err == nil {
			_, err = p.parse(with)
		}
		j := Judgement{Kind: p.kind, Namespace: p.namespace, Name: p.name, Accepted: err == nil}
		if err != nil {
			j.Error = err.Error()
		}
		judged = append(judged, j)
	}
	return judged, nil
}
