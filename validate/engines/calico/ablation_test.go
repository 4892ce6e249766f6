package calico

import (
	"reflect"
	"strings"
	"testing"
)

// TestAblation leaves out each step of the set-up in turn. Some scenario must notice, or the step is not
// tested; and every option must be used, so that none is a dead word.
func TestAblation(t *testing.T) {
	all := scenarios(t)
	steps := reflect.TypeFor[options]()
	for i := range steps.NumField() {
		step := steps.Field(i).Name
		t.Run(step, func(t *testing.T) {
			var o options
			reflect.NewAt(steps.Field(i).Type, reflect.ValueOf(&o).Elem().Field(i).Addr().UnsafePointer()).Elem().SetBool(true)
			var noticed []string
			for _, s := range all {
				if len(s.differences(o)) > 0 {
					noticed = append(noticed, s.name)
				}
			}
			if len(noticed) == 0 {
				t.Errorf("no scenario notices %s", step)
			}
			t.Logf("noticed by %s", strings.Join(noticed, ", "))
		})
	}
}
