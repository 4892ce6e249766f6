package rehearse

import (
	"fmt"
	"slices"
	"strings"
)

// conclude gives the verdict on an estate, and the reasons that weigh most.
func (e *estate) conclude() {
	e.blockers()
	accepted, next := e.acceptedIn()
	switch {
	case len(e.Blockers) > 0:
		e.Verdict = Blocked
		for _, b := range e.Blockers {
			e.reason(b.Code, "%s", b.reason())
		}
	case accepted > 0:
		e.Verdict = ReadyAccepted
		e.reason("", "%s accepted; the next acceptance to end is that of %s on %s", are(accepted, "finding"), next.Code, next.Until)
	default:
		e.Verdict = Ready
	}
	e.goodReasons()
	e.History = append(e.History, e.entry(accepted))
}

func (e *estate) reason(code, format string, args ...any) {
	if len(e.Reasons) < 3 {
		e.Reasons = append(e.Reasons, Reason{Text: fmt.Sprintf(format, args...), Code: code, Estate: e.Name})
	}
}

// goodReasons say what speaks for leaving, as far as there is room.
func (e *estate) goodReasons() {
	if e.outcome != nil {
		e.reason("", "verify: %s", e.outcome)
	}
	if e.Replay != nil {
		i := slices.IndexFunc(e.Steps, func(s Step) bool { return s.Name == stepReplay })
		e.reason("", "replay: %s", e.Steps[i].Text)
	}
	e.reason("", "translate: %s", e.Summary.text(e.forward.Target.Name()))
	if e.RoundTrip != nil {
		e.reason("", "the round trip is %s", e.RoundTrip.Answer)
	}
}

func (b *Blocker) reason() string {
	text := fmt.Sprintf("%s (%s, %s): %s", b.Title, b.Code, b.Effect, plural(b.Count, "finding"))
	if len(b.Objects) > 0 {
		text += " in " + b.Objects[0]
		if more := len(b.Objects) - 1; more > 0 {
			text += " and " + plural(more, "other object")
		}
	}
	return text
}

func are(n int, one string) string {
	if n == 1 {
		return "1 " + one + " is"
	}
	return plural(n, one) + " are"
}

// entry is this run in the history.
func (e *estate) entry(accepted int) Entry {
	out := Entry{
		Time: e.opt.Now.UTC().Format("2006-01-02T15:04:05Z07:00"), Version: e.opt.Version, Verdict: e.Verdict,
		Policies: e.Summary.Read, PolicyShare: e.Score.PolicyShare, RuleShare: e.Score.RuleShare, Accepted: accepted,
	}
	for _, b := range e.Blockers {
		out.Blockers += b.Count
	}
	if e.outcome != nil {
		for _, d := range e.outcome.Differences {
			switch d.Kind {
			case "opens":
				out.Opens++
			case "closes":
				out.Closes++
			}
		}
	}
	return out
}

// judge gives the verdict on the whole run: the worst of the estates'.
func (r *Result) judge() {
	rank := map[Verdict]int{Ready: 0, ReadyAccepted: 1, Blocked: 2}
	r.Verdict = Ready
	for _, e := range r.Estates {
		if rank[e.Verdict] > rank[r.Verdict] {
			r.Verdict = e.Verdict
		}
	}
	r.Reasons = []Reason{}
	for _, round := range []int{0, 1, 2} { // the gravest of each estate before the second of any
		for _, e := range r.Estates {
			if e.Verdict == r.Verdict && round < len(e.Reasons) && len(r.Reasons) < 3 {
				r.Reasons = append(r.Reasons, e.Reasons[round])
			}
		}
	}
	if len(r.Estates) == 1 {
		return
	}
	for i, reason := range r.Reasons {
		if !strings.HasPrefix(reason.Text, reason.Estate+": ") {
			r.Reasons[i].Text = reason.Estate + ": " + reason.Text
		}
	}
}
