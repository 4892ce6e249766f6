package calico

import (
	"math/rand/v2"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// FuzzLower gives Lower whatever can be read, accepted by Calico or not: it may refuse, and never fail or forget a
// field. The seeds are single policies: a fuzzer tries thousands of small texts in the time of one large one.
func FuzzLower(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(author{rand.New(rand.NewPCG(seed, 5))}.policy(0))
	}
	f.Add(globalText("{preDNAT: true, doNotTrack: true, types: [Sideways], ingress: [{action: Nod, protocol: 300, destination: {ports: ['9:1']}}]}"))
	f.Add(policyText("{selector: '((', ingress: [{action: Allow, ipVersion: 5, icmp: {type: 999, code: -1}, source: {nets: [x], notSelector: ' '}}]}"))
	f.Fuzz(func(t *testing.T, text string) {
		docs, _ := source.ReadBytes("in.yaml", []byte(text), source.Options{})
		e := surroundings(known())
		Lower(docs, nil, e)
		for _, doc := range docs {
			refused := false
			for _, x := range e.Findings.All() {
				refused = refused || x.Object == doc.Object && x.Code.Severity == diag.Error
			}
			if left := e.Ledger(doc).Left(); len(left) > 0 && !refused && lowered(doc) {
				t.Fatalf("%s: fields left over: %v\n%s", doc.Object, left, text)
			}
		}
	})
}

func lowered(doc *source.Document) bool {
	return doc.Object.Kind == "NetworkPolicy" || doc.Object.Kind == "GlobalNetworkPolicy"
}
