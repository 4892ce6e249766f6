package calico

import (
	"encoding/json"
	"testing"
)

var fuzzKinds = []string{"NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy",
	"StagedKubernetesNetworkPolicy", "NetworkSet", "GlobalNetworkSet", "HostEndpoint", "Tier"}

// FuzzJudge holds the rules to never stop over an object, whatever is in it and whether or not it fits its schema.
func FuzzJudge(f *testing.F) {
	for _, tc := range cases {
		for _, text := range []string{tc.accept, tc.refuse} {
			o := object(f, text, 31, false)
			content, err := json.Marshal(o.Content)
			if err != nil {
				f.Fatal(err)
			}
			if len(content) > 1<<12 {
				continue // a long text only slows the fuzzer down
			}
			f.Add(o.Kind, o.Name, 31, false, content)
			f.Add(o.Kind, o.Name, 33, true, content)
		}
	}
	f.Fuzz(func(t *testing.T, kind, name string, release int, raw bool, text []byte) {
		var content map[string]any
		if json.Unmarshal(text, &content) != nil {
			return
		}
		for _, kind := range append(fuzzKinds, kind) {
			Judge(Object{Kind: kind, Name: name, Release: Release(release), Raw: raw, Content: content})
		}
	})
}
