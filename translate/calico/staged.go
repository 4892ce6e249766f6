package calico

import (
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// readStaged reports a staged policy: Felix computes what it would do and never does it
// (felix/calc/event_sequencer.go), so nothing is written for it.
func (l *lowering) readStaged(doc *source.Document) {
	var into any
	switch doc.Object.Kind {
	case apiv3.KindStagedNetworkPolicy:
		into = &apiv3.StagedNetworkPolicy{}
	case apiv3.KindStagedGlobalNetworkPolicy:
		into = &apiv3.StagedGlobalNetworkPolicy{}
	case apiv3.KindStagedKubernetesNetworkPolicy:
		into = &apiv3.StagedKubernetesNetworkPolicy{}
	}
	if into == nil || !l.decode(doc, into) {
		return
	}
	l.reportObject(doc, diag.Staged, "translate the policy that it stages, or make it a policy", "a staged policy is not enforced and nothing is written for it")
}

// readProfile reports a profile. Those of namespaces and service accounts are made from these objects
// (libcalico-go/lib/backend/k8s/resources/profile.go); others exist only where Calico has a datastore of its own.
func (l *lowering) readProfile(doc *source.Document) {
	var p apiv3.Profile
	if !l.decode(doc, &p) {
		return
	}
	if strings.HasPrefix(p.Name, "kns.") || strings.HasPrefix(p.Name, "ksa.") || p.Name == "projectcalico-default-allow" {
		l.reportObject(doc, diag.PassedOver, "", "Calico makes this profile itself, from a namespace or service account")
		return
	}
	l.reportObject(doc, diag.HostPolicy, "write its rules as a GlobalNetworkPolicy", "rules of a profile decide what no policy decides, and the target has no such place")
}

// reportObject adds a finding about a whole object.
func (l *lowering) reportObject(doc *source.Document, code *diag.Code, hint, format string, args ...any) {
	l.env.Report(doc, code, "spec", hint, format, args...)
	l.env.Ledger(doc).Metadata()
}
