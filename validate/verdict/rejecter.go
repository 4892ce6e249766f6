package verdict

// Rejecter is a Judge that says which objects its CNI would not enforce. A rejected policy has no part in any
// verdict, as in a cluster.
type Rejecter interface {
	Rejected() []Rejection
}

// Rejection is an object that is not enforced.
type Rejection struct {
	// Object is "Kind namespace/name".
	Object string
	Reason string
}
