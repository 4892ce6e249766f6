package crd

// fill puts the defaults into an object that the walk has accepted, as defaulting.Default of the API server does. The
// walk accepts no object that lacks a field whose default is more than one value.
func (n *node) fill(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, scalar := range n.defaults {
			if _, ok := v[key]; !ok {
				v[key] = scalar
			}
		}
		for key, field := range v {
			if of := n.field(key); of != nil {
				of.fill(field)
			}
		}
	case []any:
		if n.items == nil {
			return
		}
		for _, item := range v {
			n.items.fill(item)
		}
	}
}

// field is the schema of a field, or nil.
func (n *node) field(key string) *node {
	if property := n.properties[key]; property != nil {
		return property
	}
	return n.additional
}
