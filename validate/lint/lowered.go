package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/calico"
	"github.com/policyferry/policyferry/translate/cilium"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/kubernetes"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// ofSource are the codes that say what a policy means to its own CNI, whoever asks. The other codes that reading a
// set may report are about what another CNI could say.
var ofSource = map[*diag.Code]Topic{
	diag.UnknownField: Enforcement, diag.WrongValue: Enforcement, diag.NotEnforced: Enforcement,
	diag.EnterpriseOnly: Enforcement, diag.Setting: Enforcement, diag.Staged: Enforcement,
	diag.RawTypes: Meaning, diag.HostOnlyFlag: Meaning, diag.ServiceWithoutNamespace: Meaning,
	diag.UnresolvedService: Meaning, diag.EqualOrder: Meaning, diag.InertRules: Meaning, diag.SelectsNothing: Meaning,
	diag.EmptyForm: Meaning, diag.FilteredLabel: Meaning, diag.ICMPTypeZero: Meaning,
}

// read reads the set as a translation would, keeps what it means, and returns what there is to say about it.
func (s *set) read() *diag.List {
	e, set := lower(s)
	s.model = newMeaning(set)
	return e.Findings
}

// lowered takes over what reading a set says of the policies themselves.
func (l *linter) lowered(s *set, findings *diag.List) {
	for _, f := range findings.All() {
		topic, ok := ofSource[f.Code]
		if f.Code == diag.SelectorForm && f.Override == diag.Exact {
			// Said of a selector that only excludes, which matches everyone in Cilium.
			f.Code, topic, ok = diag.NegativeOnly, Meaning, true
		}
		if ok && f.Pos.File != "" {
			if f.Code == diag.EqualOrder && !l.neighbours(f.Pos.File, f.Object, f.Related) {
				continue
			}
			if l.elsewhere(f) {
				continue
			}
			if f.Code == diag.Staged {
				f.Hint = "Calico only reports what it would do; make it a policy to have it enforced"
			}
			f.Message, f.Override = withoutOutput(f.Message), ""
			l.addOf(s, topic, statedOff(f, s.facts))
		}
	}
}

// neighbours reports whether two policies are surely in one namespace. Of two files that leave the namespace to
// kustomize or Helm, nobody knows here.
func (l *linter) neighbours(file string, o diag.Object, others []diag.Related) bool {
	return !namespaced(o.Kind) || !l.unstated[file] ||
		!slices.ContainsFunc(others, func(r diag.Related) bool { return r.Pos.File != file && l.unstated[r.Pos.File] })
}

// withoutOutput takes away what a finding says of the translation's output.
func withoutOutput(message string) string {
	// Most messages say nothing of it, which is seen sooner without the expression.
	if !strings.Contains(message, "the output") && !strings.Contains(message, "carried") &&
		!strings.HasSuffix(message, ", so it is left out") && !strings.HasSuffix(message, " and nothing is written for it") {
		return message
	}
	return aboutOutput.ReplaceAllString(message, "")
}

var aboutOutput = regexp.MustCompile(`(;|,) (and )?(so does )?the output( (does|keeps|goes|stays).*)?$| and (is )?not carried|, so it is left out$| and nothing is written for it$|; the rule is carried as written$`)

// lower reads a set into the model.
func lower(s *set) (*env.Env, *model.Set) {
	e := &env.Env{
		Facts: s.facts, Relied: &cluster.Relied{}, Findings: &diag.List{}, DefaultNamespace: s.namespace, WithoutLedgers: true,
		Source: s.release, Target: compat.Newest(s.release.CNI.Other()),
	}
	var own []*source.Document
	var shared []*policy
	seen := map[diag.Object]bool{}
	for _, p := range s.policies {
		id := p.doc.Object
		if id.Namespace = p.namespace; p.doc.Object.Namespace == "" {
			id.Namespace += "\x00" + p.doc.Pos.File // nobody knows here whether it is the same
		}
		switch {
		case seen[id] && id.Name != "": // another version of the same object; duplicates says so
		case ownerOf(p.doc.Object) != "":
			own = append(own, p.doc)
		default:
			shared = append(shared, p)
		}
		seen[id] = true
	}
	standard := lowerStandard(shared, readingOf(s.release.CNI, own, e), e)
	if s.release.CNI == compat.Calico {
		return e, calico.Lower(own, standard, e)
	}
	return e, cilium.Lower(own, standard, e)
}

// readingOf is how a CNI understands the standard kinds, the same way in which a translation reads them.
func readingOf(cni compat.CNI, own []*source.Document, e *env.Env) kubernetes.Reading {
	if cni == compat.Calico {
		return kubernetes.Reading{CNI: cni, Addresses: calico.Addresses(e), Namespaces: calico.Namespaces(own, e)}
	}
	return kubernetes.Reading{CNI: cni, Addresses: cilium.Addresses(e), WholeFamilies: cilium.WholeFamilies(e),
		OnlyExcluding: cilium.OnlyExcluding(e), FirstPortOnly: !cilium.ReadsPortRanges(e)}
}

func lowerStandard(policies []*policy, reading kubernetes.Reading, e *env.Env) []*model.Policy {
	var out []*model.Policy
	for _, p := range policies {
		if p.form == kubernetesForm {
			if m := kubernetes.LowerNetworkPolicy(p.doc, reading, e); m != nil {
				out = append(out, m)
			}
		} else if m := kubernetes.LowerAdmin(p.doc, reading, e); m != nil {
			out = append(out, m.Policy)
		}
	}
	return out
}
