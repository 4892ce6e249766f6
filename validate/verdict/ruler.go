package verdict

// Ruler is a Judge that lists the rules that it judges by.
type Ruler interface {
	// Rules are all rules that are enforced, each as the step that Trace shows when it matches, by policy and path.
	Rules() []Step
}
