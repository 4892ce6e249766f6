package cilium

import (
	"fmt"
	"strconv"
	"strings"
)

// expectation is what a line of a scenario says about one connection.
type expectation struct {
	line       string
	connection Connection
	out, in    *side
	why        string
	whyPart    bool
}

// side is what is expected at one end; by is checked when given.
type side struct {
	verdict Verdict
	by      *string
}

// parseExpectations reads lines of the form
//
//	FROM[,FROM] -> TO[,TO] PROTOCOL[/PORT|/TYPE[.CODE]]: out VERDICT [by "…"], in VERDICT [by "…"] [why [~] "…"]
//
// where # starts a comment line. A verdict that is not written is not checked; a why that is not written is
// none; ~ asks for a part of it.
func parseExpectations(text string) ([]expectation, error) {
	var all []expectation
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		question, answer, found := strings.Cut(line, ": ")
		if !found {
			return nil, fmt.Errorf("%s: no expectation", line)
		}
		want := expectation{line: line}
		if err := want.parseAnswer(answer); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		words := strings.Fields(question)
		if len(words) != 4 || words[1] != "->" {
			return nil, fmt.Errorf("%s: not FROM -> TO PROTOCOL", line)
		}
		if err := want.parseProtocol(words[3]); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		for _, from := range strings.Split(words[0], ",") {
			for _, to := range strings.Split(words[2], ",") {
				one := want
				one.connection.From, one.connection.To = from, to
				one.line = from + " -> " + to + " " + words[3]
				all = append(all, one)
			}
		}
	}
	return all, nil
}

func (e *expectation) parseProtocol(text string) error {
	protocol, number, found := strings.Cut(text, "/")
	if err := e.connection.Protocol.UnmarshalJSON([]byte(strconv.Quote(protocol))); err != nil {
		return err
	}
	if !found {
		return nil
	}
	if !strings.HasPrefix(protocol, "icmp") {
		port, err := strconv.ParseUint(number, 10, 16)
		e.connection.Port = uint16(port)
		return err
	}
	kind, code, _ := strings.Cut(number, ".")
	icmpType, err := strconv.ParseUint(kind, 10, 8)
	if err != nil {
		return err
	}
	typed := uint8(icmpType)
	e.connection.ICMPType = &typed
	if code != "" {
		number, err := strconv.ParseUint(code, 10, 8)
		e.connection.ICMPCode = uint8(number)
		return err
	}
	return nil
}

func (e *expectation) parseAnswer(text string) error {
	var last *side
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ,") {
		word, rest, _ := strings.Cut(text, " ")
		switch word {
		case "out", "in":
			verdict, after, _ := strings.Cut(rest, " ")
			last = &side{verdict: Verdict(strings.TrimSuffix(verdict, ","))}
			if word == "out" {
				e.out = last
			} else {
				e.in = last
			}
			text = after
		case "by", "why":
			rest = strings.TrimSpace(rest)
			if part, isPart := strings.CutPrefix(rest, "~"); isPart && word == "why" {
				e.whyPart, rest = true, strings.TrimSpace(part)
			}
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return fmt.Errorf("after %s: %w", word, err)
			}
			value, err := strconv.Unquote(quoted)
			if err != nil {
				return err
			}
			switch {
			case word == "why":
				e.why = value
			case last == nil:
				return fmt.Errorf("by without out or in")
			default:
				last.by = &value
			}
			text = rest[len(quoted):]
		default:
			return fmt.Errorf("%q is none of out, in, by, why", word)
		}
	}
	if e.out == nil && e.in == nil {
		return fmt.Errorf("neither out nor in")
	}
	return nil
}

// compare tells how an answer differs.
func (e expectation) compare(got Answer) error {
	check := func(name string, want *side, verdict Verdict, by []string) error {
		if want == nil {
			return nil
		}
		if verdict != want.verdict {
			return fmt.Errorf("%s %s, want %s (by %q, why %q)", name, verdict, want.verdict, by, got.Why)
		}
		if want.by != nil && strings.Join(by, ", ") != *want.by {
			return fmt.Errorf("%s by %q, want %q", name, by, *want.by)
		}
		return nil
	}
	if err := check("out", e.out, got.Egress, got.EgressBy); err != nil {
		return err
	}
	if err := check("in", e.in, got.Ingress, got.IngressBy); err != nil {
		return err
	}
	if got.Why == e.why || e.whyPart && strings.Contains(got.Why, e.why) {
		return nil
	}
	return fmt.Errorf("why %q, want %q", got.Why, e.why)
}
