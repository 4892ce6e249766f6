package verdict

// Ruler is a Judge that lists the rules that it judges by.
type Ruler interface {
	// Rules are all rules that are enforced, each as the step that Trace shows when it matches, by policy and path.
	Rules() []Step
}

// SourcePorts is a Judge whose verdicts may depend on source ports.
type SourcePorts interface {
	// SourceCuts are the places at which source ports change their meaning to any policy.
	SourceCuts() Cuts
}
