package main

import (
	"os"

	lintreport "github.com/policyferry/policyferry/validate/lint/report"
)

// readBaseline reads the earlier run before this one begins.
func (f *lintFlags) readBaseline() error {
	if f.baseline == "" {
		return nil
	}
	const hint = "policyferry lint --format json=FILE writes one"
	text, err := os.ReadFile(f.baseline)
	if err != nil {
		return usage(hint, "the baseline cannot be read: %v", err)
	}
	if f.earlier, err = lintreport.ReadBaseline(text); err != nil {
		return usage(hint, "the baseline %s cannot be used: %v", f.baseline, err)
	}
	return nil
}
