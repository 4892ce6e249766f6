package mutate

// mutator is one kind of change. It returns the values that may take the place of a site's, gone{} among them for
// nothing at all, and none where it has nothing to change.
type mutator struct {
	name   string
	change func(site) []any
}

var mutators = []mutator{
	{"drop an object", dropObject},
	{"drop a rule", dropRule},
	{"drop a criterion", dropCriterion},
	{"drop an item", dropItem},
	{"drop an exception", dropException},
	{"add an empty rule", addEmptyRule},
	{"swap an action", swapAction},
	{"swap two rules", swapRules},
	{"swap the directions", swapDirections},
	{"flip default deny", flipDefaultDeny},
	{"move in the order", moveInOrder},
	{"a port off by one", portOffByOne},
	{"a prefix off by one", prefixOffByOne},
	{"an ICMP type or code off by one", icmpOffByOne},
	{"another protocol", anotherProtocol},
	{"another entity", anotherEntity},
	{"drop a not", dropNot},
	{"add a not", addNot},
	{"lose a namespace", loseNamespace},
	{"lose a label", loseLabel},
	{"another label value", anotherLabelValue},
	{"an empty selector", emptySelector},
}
