package rehearse

func (e *estate) replay() error  { return nil }
func (e *estate) drift()         {}
func (e *estate) moves()         {}
func (e *estate) runbook() error { return nil }
