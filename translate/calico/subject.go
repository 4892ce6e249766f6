package calico

import "strings"

// subject is the one expression that says which endpoints the policy selects. Calico puts it together as text, and
// for a GlobalNetworkPolicy it then exchanges every all() in the whole text, so that namespaceSelector: all() leaves
// host endpoints out and selector: "" is not the same as selector: all()
// (libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go and networkpolicyprocessor.go).
func (p *policy) subject() (*expression, error) {
	text := p.spec.Selector
	var err error
	if p.namespace != "" {
		own := labelNamespace + " == " + quote(p.namespace)
		if text == "" {
			text = own
		} else {
			text = "(" + text + ") && " + own
		}
		if text, err = narrowed(text, p.spec.ServiceAccountSelector, serviceAccountPrefix, ""); err != nil {
			return nil, err
		}
		return parse(text)
	}
	if text, err = narrowed(text, p.spec.NamespaceSelector, namespacePrefix, labelNamespace); err != nil {
		return nil, err
	}
	if text, err = narrowed(text, p.spec.ServiceAccountSelector, serviceAccountPrefix, labelServiceAccount); err != nil {
		return nil, err
	}
	return parse(text)
}

// narrowed adds a selector on inherited labels to the text, and says that all() means the endpoints with the label.
func narrowed(text, more, prefix, allHave string) (string, error) {
	if more == "" {
		return text, nil
	}
	prefixed, err := prefixedText(more, prefix)
	if err != nil {
		return "", err
	}
	if text != "" {
		prefixed = "(" + text + ") && " + prefixed
	}
	if allHave != "" {
		prefixed = strings.ReplaceAll(prefixed, "all()", "has("+allHave+")")
	}
	return prefixed, nil
}
