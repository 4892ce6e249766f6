package acceptance

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

func TestParseFlag(t *testing.T) {
	for text, want := range map[string]rehearse.Acceptance{
		"PF2002:until=2027-03-01:the proxy decides": {Code: "PF2002", Until: "2027-03-01", Reason: "the proxy decides"},
		"fqdn@CiliumNetworkPolicy shop/web:until=2027-03-01:see NET-1: agreed": {
			Code: "PF2002", Object: "CiliumNetworkPolicy shop/web", Until: "2027-03-01", Reason: "see NET-1: agreed"},
	} {
		want.Position = diag.Position{File: FromFlag}
		if got, err := ParseFlag(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"PF2002":                       "is not of the form CODE",
		"PF2002:2027-03-01:because":    "is not of the form",
		"PF2999:until=2027-03-01:r":    `there is no code "PF2999"`,
		"PF9004:until=2027-03-01:r":    "cannot be accepted",
		"PF2002:until=1.3.2027:r":      "is no day",
		"PF2002:until=2027-02-30:r":    "is no day",
		"PF2002:until=:r":              "the day until which",
		"PF2002:until=2027-03-01:":     "the reason is missing",
		"PF2002:until=2027-03-01:  \t": "the reason is missing",
	} {
		if _, err := ParseFlag(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParse(t *testing.T) {
	got, err := Parse("a.yaml", []byte(`# what we accept
accept:
  - code: fqdn
    object: CiliumNetworkPolicy shop/web
    snapshot: prod
    until: 2027-03-01
    reason: >-
      the proxy decides
  - {code: PF2001, until: 2027-01-01, reason: r}
`))
	want := []rehearse.Acceptance{
		{Code: "PF2002", Object: "CiliumNetworkPolicy shop/web", Estate: "prod", Until: "2027-03-01", Reason: "the proxy decides",
			Position: diag.Position{File: "a.yaml", Line: 3, Column: 5}},
		{Code: "PF2001", Until: "2027-01-01", Reason: "r", Position: diag.Position{File: "a.yaml", Line: 9, Column: 5}},
	}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "# nothing\n", "accept: []\n"} {
		if got, err := Parse("a.yaml", []byte(text)); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// TestProblems: what is not understood is told with its place.
func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"accepted: []\n": `a.yaml:1:1: there is no field "accepted"; the only field is accept`,
		"accept: PF2002": `a.yaml:1:9: here must stand a list`,
		"accept:\n  - code: PF2002\n    untill: 2027-01-01\n":                       `a.yaml:3:5: there is no field "untill"; did you mean "until"?`,
		"accept:\n  - code: PF2002\n    until: 2027-01-01\n":                        `a.yaml:2:5: the reason is missing`,
		"accept:\n  - code: PF2002\n    reason: r\n":                                `a.yaml:2:5: the day until which`,
		"accept:\n  - until: 2027-01-01\n    reason: r\n":                           `a.yaml:2:5: the code is missing`,
		"accept:\n  - {code: PF2998, until: 2027-01-01, reason: r}\n":               `a.yaml:2:12: there is no code "PF2998"`,
		"accept:\n  - {code: PF9001, until: 2027-01-01, reason: r}\n":               `a.yaml:2:12: PF9001 is a fault`,
		"accept:\n  - {code: PF2002, until: tomorrow, reason: r}\n":                 `a.yaml:2:27: "tomorrow" is no day`,
		"accept:\n  - {code: PF2002, code: PF2001, until: 2027-01-01, reason: r}\n": `a.yaml:2:20: "code" stands twice`,
		"accept:\n  - {code: PF2002, until: 2027-01-01, reason: }\n":                `here must stand one value`,
		"accept:\n  - PF2002\n":                                                     `a.yaml:2:5: here must stand a mapping`,
		"accept: []\n---\naccept: []\n":                                             `more than one document`,
		"accept: [\n":                                                               `a.yaml: the file is not YAML: line`,
	} {
		_, err := Parse("a.yaml", []byte(text))
		p, ok := err.(*strictyaml.Problem)
		if !ok {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := p.Error() + "; " + p.Hint; !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
