package diag

import "fmt"

// Finding is one thing that the user must know: what happens, where, why it matters and what to do.
type Finding struct {
	// Code says which kind of finding this is; it carries severity and effect.
	Code *Code
	// Pos is the field that the finding is about.
	Pos Position
	// Object is the object that holds the field.
	Object Object
	// Path is the field inside the object, such as spec.ingress[0].source.nets[1].
	Path string
	// Message says what will happen, in lower case and without a final period.
	Message string
	// Hint is the way out, or empty when there is none to give.
	Hint string
	// Related are other places that have part in it.
	Related []Related
	// Effect overrides the code's effect where one code can have several; empty means the code's own.
	Override Effect
}

// Related is a second place that a finding refers to.
type Related struct {
	Pos     Position `json:"position"`
	Message string   `json:"message"`
}

// Effect is what the finding does to the verdicts of the output, compared to the source.
func (f *Finding) Effect() Effect {
	if f.Override != "" {
		return f.Override
	}
	return f.Code.Effect
}

// WithHint returns a copy of f with its way out.
func (f Finding) WithHint(format string, args ...any) Finding {
	f.Hint = fmt.Sprintf(format, args...)
	return f
}

// WithRelated returns a copy of f that also refers to another place.
func (f Finding) WithRelated(pos Position, format string, args ...any) Finding {
	f.Related = append(append([]Related(nil), f.Related...), Related{Pos: pos, Message: fmt.Sprintf(format, args...)})
	return f
}

// String is the one-line text form: position, message and code.
func (f *Finding) String() string {
	return fmt.Sprintf("%s: %s: %s (%s)", f.Pos, f.Code.Severity, f.Message, f.Code.ID)
}
