package rehearse

import (
	"bytes"
	"fmt"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema"
)

// The names of the steps.
const (
	stepRead      = "read"
	stepTranslate = "translate"
	stepValidate  = "validate"
	stepVerify    = "verify"
	stepReplay    = "replay"
	stepBack      = "translate back"
	stepRoundTrip = "verify the round trip"
	stepScore     = "score"
	stepRunbook   = "runbook"
)

// read divides the snapshot into the source set and what describes the cluster. A host endpoint is both.
func (e *estate) read() {
	for _, d := range e.snapshot.Documents {
		switch owner := translate.Owner(d); {
		case owner == e.opt.To:
			e.already++
			continue
		case translate.IsPolicy(d):
			e.policies = append(e.policies, d)
			if d.Object.Kind != "HostEndpoint" {
				continue
			}
		}
		e.cluster = append(e.cluster, d)
	}
	e.add(stepRead, e.snapshot.Reading.All()...)
	text := fmt.Sprintf("%s and %s beside", plural(len(e.policies), "policy object"), plural(len(e.cluster), "object"))
	if e.already > 0 {
		text += fmt.Sprintf("; %s of %s there already, left aside", plural(e.already, "policy object"), cniName(e.opt.To))
	}
	if len(e.policies) == 0 {
		e.add(stepRead, diag.EmptyInput.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, "",
			"the snapshot holds no policy of %s, so there is nothing to rehearse", cniName(e.opt.To.Other())).
			WithHint("give a snapshot of the whole cluster, or the policies and --cluster"))
		e.step(stepRead, Failed, "%s", text)
		return
	}
	e.step(stepRead, Passed, "%s", text)
}

// translate carries the source set over. No code is accepted here: the translator would then carry what it is not sure
// of, while accepting in a rehearsal means to live with the output as it is.
func (e *estate) translate() (err error) {
	e.opt.progress(e.Name + ": translating")
	e.forward, err = translate.Translate(e.policies, translate.Options{
		To: e.opt.To, From: e.opt.To.Other(), SourceVersion: e.opt.SourceVersion, TargetVersion: e.opt.TargetVersion,
		Cluster: e.cluster, DefaultNamespace: e.opt.Namespace, FQDNCache: e.snapshot.Names,
		Enforced: schema.Enforced, Accepts: schema.Accepts,
	})
	if err != nil {
		return err
	}
	e.add(stepTranslate, e.forward.Findings...)
	e.Summary = summaryOf(e.forward)
	e.Source = Release{string(e.forward.Source.CNI), e.forward.Source.Version.String(), e.stated(e.opt.SourceVersion, e.opt.To.Other())}
	e.Target = Release{string(e.forward.Target.CNI), e.forward.Target.Version.String(), e.stated(e.opt.TargetVersion, e.opt.To)}
	for _, f := range e.forward.Relied {
		e.Facts = append(e.Facts, Fact{string(f), e.forward.Facts.Text(f)})
	}
	e.step(stepTranslate, translated(e.Summary), "%s", e.Summary.text(e.forward.Target.Name()))
	return e.readBack()
}

// readBack reads the output as a cluster would.
func (e *estate) readBack() error {
	var problems diag.List
	e.output, problems = source.ReadBytes("output", joined(e.forward), source.Options{})
	if len(e.forward.Outputs) > 0 && problems.Len() > 0 {
		return fmt.Errorf("the output cannot be read back: %s", problems.All()[0].Message)
	}
	return nil
}

func joined(r *translate.Result) []byte {
	var texts [][]byte
	for _, o := range r.Outputs {
		texts = append(texts, o.JSON)
	}
	return bytes.Join(texts, []byte("\n---\n"))
}

// validate tells what the target's own validation says of the output; the translation has asked for it.
func (e *estate) validate() error {
	if e.Summary.Written == 0 {
		e.step(stepValidate, Skipped, "there is no output")
		return nil
	}
	bad := 0
	for _, f := range e.forward.Findings {
		if f.Code == diag.OutputInvalid {
			bad++
		}
	}
	if bad > 0 {
		e.step(stepValidate, Failed, "%s would reject part of the output: %s", e.forward.Target, plural(bad, "problem"))
		return nil
	}
	e.step(stepValidate, Passed, "%s would take and enforce all of it", e.forward.Target)
	return nil
}

// stated reports whether a version was given.
func (e *estate) stated(flag string, cni any) bool {
	if flag != "" {
		return true
	}
	facts := e.forward.Facts
	if fmt.Sprint(cni) == "calico" {
		return facts.Calico.Version != ""
	}
	return facts.Cilium.Version != ""
}

func cniName(cni any) string {
	if fmt.Sprint(cni) == "calico" {
		return "Calico"
	}
	return "Cilium"
}

func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
