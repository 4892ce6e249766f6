package calico

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// Namespaces says whom a selector of namespaces alone means in AdminNetworkPolicy and its kin. Calico adds no condition
// on pods to it (libcalico-go/lib/backend/k8s/conversion/conversion.go, k8sAdminPolicyPeerToCalicoFields), so that
// network sets of those namespaces are meant as well, and where it only excludes, global sets and host endpoints.
func Namespaces(docs []*source.Document, e *env.Env) func(*source.Document, string, *metav1.LabelSelector, model.Direction, model.Action) ([]model.Peer, []model.DoubtfulPeer) {
	inventory := sync.OnceValue(func() *lowering { return inventoryOf(docs, e) })
	return func(doc *source.Document, path string, s *metav1.LabelSelector, d model.Direction, action model.Action) ([]model.Peer, []model.DoubtfulPeer) {
		l := inventory()
		n, err := entityOf(&apiv3.EntityRule{NamespaceSelector: namespaceExpression(s)}, "")
		var who reach
		if err != nil {
			who.add(model.Anyone(), reason{diag.WrongValue, "the selector cannot be read (" + err.Error() + ")", "correct it"})
		} else {
			who = l.who(n, n.nets)
		}
		who = who.policed(d, action)
		var doubts []model.DoubtfulPeer
		for _, m := range who.maybe {
			m.why.note(e, doc, path, action)
			doubts = append(doubts, model.DoubtfulPeer{Peer: m.peer, Code: m.why.code})
		}
		return []model.Peer{who.sure}, doubts
	}
}

// inventoryOf reads the network sets and host endpoints among the documents, without findings: Lower reads them again.
func inventoryOf(docs []*source.Document, e *env.Env) *lowering {
	quiet := &env.Env{Facts: e.Facts, Relied: e.Relied, Source: e.Source, Target: e.Target, Findings: &diag.List{}, DefaultNamespace: e.DefaultNamespace}
	l := &lowering{env: quiet, space: newSpace(quiet), inventory: &inventory{}, hosts: map[string]*cluster.HostEndpoint{}, hostDocs: map[string]*source.Document{}}
	for _, doc := range sortedDocuments(docs) {
		switch doc.Object.Kind {
		case apiv3.KindNetworkSet, apiv3.KindGlobalNetworkSet:
			l.readSet(doc)
		case apiv3.KindHostEndpoint:
			l.readHostEndpoint(doc)
		}
	}
	l.inventory.addHosts(l.hosts, quiet)
	return l
}

// namespaceExpression is a selector as Calico writes it (conversion.go, k8sSelectorToCalico).
func namespaceExpression(s *metav1.LabelSelector) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		parts = append(parts, fmt.Sprintf("%s == '%s'", key, s.MatchLabels[key]))
	}
	for _, e := range s.MatchExpressions {
		values := strings.Join(e.Values, "', '")
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			parts = append(parts, fmt.Sprintf("%s in { '%s' }", e.Key, values))
		case metav1.LabelSelectorOpNotIn:
			parts = append(parts, fmt.Sprintf("%s not in { '%s' }", e.Key, values))
		case metav1.LabelSelectorOpExists:
			parts = append(parts, fmt.Sprintf("has(%s)", e.Key))
		case metav1.LabelSelectorOpDoesNotExist:
			parts = append(parts, fmt.Sprintf("! has(%s)", e.Key))
		}
	}
	if len(parts) == 0 {
		return "all()"
	}
	return strings.Join(parts, " && ")
}
