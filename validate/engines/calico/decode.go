package calico

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/json"
)

const (
	groupCalico    = "projectcalico.org/v3"
	groupCalicoRaw = "crd.projectcalico.org/v1"
	groupFacts     = "policyferry.io/v1alpha1"
)

// decodeStrict decodes a policy object as an API server does for kubectl: names are case-sensitive,
// unknown and repeated fields are errors.
func decodeStrict(d *document, into any) error {
	if d.repeated != nil {
		return d.repeated
	}
	strict, err := json.UnmarshalStrict(d.json, into)
	if err != nil {
		return err
	}
	// Exports of other releases bear a status, which no API takes from a client.
	strict = slices.DeleteFunc(strict, func(err error) bool { return err.Error() == `unknown field "status"` })
	return errors.Join(strict...)
}

// decodeLoose decodes an object of the cluster, which may come from a newer API than the one linked here.
func decodeLoose(d *document, into any) error {
	if err := json.UnmarshalCaseSensitivePreserveInts(d.json, into); err != nil {
		return fmt.Errorf("%s: %s: %w", d.origin, d, err)
	}
	return nil
}

// sameObject tells whether two documents say the same.
func sameObject(a, b *document) bool {
	return bytes.Equal(a.json, b.json)
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}
