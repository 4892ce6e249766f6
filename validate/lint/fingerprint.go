package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// Fingerprints name findings so that they are known again when lines have moved: by the code, the object and the path
// in it. Of what belongs to no object, the file takes its place. Several findings with the same name are counted in
// their order.
func Fingerprints(findings []Finding) []string {
	out := make([]string, len(findings))
	seen := map[string]int{}
	for i, f := range findings {
		group := groupOf(f.Object)
		place := strings.Join([]string{group, f.Object.Kind, f.Object.Namespace, f.Object.Name}, "\x00")
		if f.Object.Kind == "" || f.Object.Name == "" {
			place = f.Pos.File + "\x00" + place
		}
		key := strings.Join([]string{f.Code.ID, place, f.Path}, "\x00")
		seen[key]++
		sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%d", key, seen[key])))
		out[i] = hex.EncodeToString(sum[:16])
	}
	return out
}

// DefaultSeverity is what a finding of the code weighs unless its circumstances or a configuration say otherwise.
func DefaultSeverity(code *diag.Code) diag.Severity { return severityOf(diag.Finding{Code: code}) }
