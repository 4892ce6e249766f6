package cilium

import (
	"cmp"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// Rules implements verdict.Ruler. What stands for an empty section is no rule.
func (j *judge) Rules() []verdict.Step {
	var out []verdict.Step
	for _, r := range j.rules {
		if r.path == "" {
			continue
		}
		step := r.step(r.action != actionPass)
		step.Ingress = r.ingress
		out = append(out, step)
	}
	slices.SortStableFunc(out, func(a, b verdict.Step) int {
		return cmp.Compare(a.Policy, b.Policy)
	})
	return slices.CompactFunc(out, func(a, b verdict.Step) bool { return a.Policy == b.Policy && a.Path == b.Path && a.Where == b.Where })
}
