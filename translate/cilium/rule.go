package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// rule lowers one element: its peers times its traffic.
func (r *ruleReader) rule(e *readElement) *model.Rule {
	out := &model.Rule{Origin: r.origin(e.path), Action: e.action}
	peers, restricted := r.peers(e)
	flows := r.flows(e)
	if !restricted {
		// Neither peers nor ports match nobody: that is how default deny is written. Ports alone match everyone
		// (pkg/policy/utils/parserules.go, pkg/policy/l4.go).
		if len(e.toPorts)+len(e.icmps) == 0 {
			r.carried(e.path)
			return out
		}
		peers.sure = model.Anyone()
	}
	if e.auth != nil {
		flows = r.authenticated(e, flows)
	}
	for _, f := range flows {
		sure := f.among(peers)
		if !sure.IsNobody() {
			addBox(out, f, sure, f.doubt)
		} else if f.podsOnly && !peers.sure.IsNobody() {
			r.remark(diag.SelectsNothing, "", e.at("toPorts"), "write the number of the port", "port names exist on pods only, so nobody is matched")
		}
		for _, m := range peers.maybe {
			doubt := f.doubt
			if doubt == nil {
				doubt = m.Code
			}
			addBox(out, f, m.Peer, doubt)
		}
	}
	return out
}

// authenticated handles mutual authentication. Where it is required the datapath drops what has not been
// authenticated (bpf/lib/auth.h), and the target has no such thing.
func (r *ruleReader) authenticated(e *readElement, flows []flow) []flow {
	path := e.at("authentication")
	switch e.auth.Mode {
	case "", "disabled":
		r.carried(path)
		return flows
	case "test-always-fail":
		r.carried(path)
		return nil
	}
	r.report(diag.Authentication, path, "encrypt and authenticate by other means, and leave the field out",
		"mutual authentication is required, which the target does not have, so this part is not allowed")
	for i := range flows {
		flows[i].doubt = diag.Authentication
	}
	return flows
}
