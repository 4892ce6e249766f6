// Package acceptance reads what a team accepts: findings of a code that may stand, each with a reason and until a day.
package acceptance

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
)

// Name is the name of the file that is read if none is named.
const Name = ".policyferry-accept.yaml"

// Flag is how an acceptance is written on the command line, and the position of one that was.
const (
	Flag     = "CODE[@OBJECT]:until=YYYY-MM-DD:REASON"
	FromFlag = "--accept"
)

var flagForm = regexp.MustCompile(`^([A-Za-z0-9-]+)(?:@([^:]+))?:until=([^:]*):(.*)$`)

// ParseFlag reads an acceptance of the command line.
func ParseFlag(text string) (rehearse.Acceptance, error) {
	m := flagForm.FindStringSubmatch(text)
	if m == nil {
		return rehearse.Acceptance{}, fmt.Errorf("%q is not of the form %s", text, Flag)
	}
	a := rehearse.Acceptance{Code: m[1], Object: m[2], Until: m[3], Reason: m[4], Position: diag.Position{File: FromFlag}}
	_, message := complete(&a)
	if message != "" {
		return a, fmt.Errorf("%q: %s", text, message)
	}
	return a, nil
}

// complete checks an acceptance, and writes its code as an ID. It returns the field that is wrong, and what is.
func complete(a *rehearse.Acceptance) (field, message string) {
	code, known := diag.Lookup(a.Code)
	switch {
	case a.Code == "":
		return "code", "the code is missing"
	case !known:
		return "code", fmt.Sprintf("there is no code %q", a.Code)
	case strings.HasPrefix(code.ID, "PF9"):
		return "code", code.ID + " is a fault of policyferry, which cannot be accepted"
	case a.Until == "":
		return "until", "the day until which it is accepted is missing"
	case strings.TrimSpace(a.Reason) == "":
		return "reason", "the reason is missing"
	}
	if _, err := time.Parse(time.DateOnly, a.Until); err != nil {
		return "until", fmt.Sprintf("%q is no day of the form 2027-03-01", a.Until)
	}
	a.Code, a.Reason = code.ID, strings.TrimSpace(a.Reason)
	return "", ""
}
