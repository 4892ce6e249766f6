package generate

import "testing"

// TestSeeds holds a seed to its set, and every graft to being YAML.
func TestSeeds(t *testing.T) {
	for name, make := range map[string]func(uint64) Scenario{"calico": CalicoScenario, "cilium": CiliumScenario} {
		seen := map[string]bool{}
		for seed := range uint64(200) {
			sc := make(seed)
			if sc != make(seed) {
				t.Errorf("%s: seed %d makes two sets", name, seed)
			}
			seen[sc.Policies] = true
		}
		if len(seen) < 190 {
			t.Errorf("%s: 200 seeds make only %d sets", name, len(seen))
		}
	}
	for _, list := range [][]graft{calicoGrafts(), ciliumGrafts()} {
		for i := range list {
			s := newSet(2)
			s.turn = i
			s.graft(list)
			if s.text() == "" {
				t.Errorf("graft %d sets nothing", i)
			}
		}
		t.Logf("%d grafts", len(list))
	}
}
