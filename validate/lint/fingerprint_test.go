package lint

import (
	"slices"
	"strings"
	"testing"
)

// TestFingerprints: they stay when lines move, documents change places and the file is renamed, and no two are the same.
func TestFingerprints(t *testing.T) {
	egress := "  egress: [{toFQDNs: [{matchName: a.example.com}]}, {toPorts: [{ports: [{port: \"80\"}]}]}]\n"
	one := Fingerprints(lintText(t, "a.yaml", standardPolicy+"---\n"+head+egress, Options{}).Findings)
	two := Fingerprints(lintText(t, "b.yaml", "# moved\n\n"+head+egress+"---\n"+standardPolicy, Options{}).Findings)
	slices.Sort(one)
	slices.Sort(two)
	if len(one) < 3 || !slices.Equal(one, two) {
		t.Errorf("%v became %v", one, two)
	}
	if len(slices.Compact(slices.Clone(one))) != len(one) {
		t.Errorf("two findings share a fingerprint: %v", one)
	}
	other := Fingerprints(lintText(t, "a.yaml", strings.ReplaceAll(head, "name: ", "name: other-")+egress, Options{}).Findings)
	for _, f := range other {
		if slices.Contains(one, f) {
			t.Errorf("another object has the fingerprint %s", f)
		}
	}
}

// TestFingerprintsOfWhatIsNoObject are those of the file.
func TestFingerprintsOfWhatIsNoObject(t *testing.T) {
	broken := "apiVersion: v1\nkind: [\n"
	a, b := lintText(t, "a.yaml", broken, Options{}).Findings, lintText(t, "b.yaml", broken, Options{}).Findings
	if len(a) != 1 || len(b) != 1 || Fingerprints(a)[0] == Fingerprints(b)[0] {
		t.Errorf("%v and %v", a, b)
	}
}
