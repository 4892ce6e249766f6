package snapshot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// anonymiser renames. One text has one new name wherever it stands, as a name, a label or inside an expression, so
// whatever was equal stays equal and whatever differed still differs.
type anonymiser struct {
	salt []byte
	// literals are what policies look for inside of labels, parts what they look for inside of the labels of DNS names, the
	// longer first. They are renamed for themselves wherever they occur, so that they are found again.
	literals, parts []string
	// ranked are names whose order decides between policies of equal order, with new names of the same order.
	ranked map[string]string
	// values are all values of labels, and tests the string operators on them.
	values map[string]bool
	tests  map[stringTest]bool
	memo   map[string]string
}

// stringTest is a test of a part of a label.
type stringTest struct{ operator, literal string }

func (a *anonymiser) cached(key string, make func() string) string {
	if out, ok := a.memo[key]; ok {
		return out
	}
	out := make()
	a.memo[key] = out
	return out
}

// between is how a new name begins that is to stand between the same kept names as the old one: with the letter that
// follows on the kept name before it, or with that name itself where there is no such letter.
func between(fixed []string, name string) string {
	n, _ := slices.BinarySearch(fixed, name)
	if n == 0 {
		return "a"
	}
	letter := string(fixed[n-1][0] + 1)
	if n < len(fixed) && letter >= fixed[n][:1] {
		return fixed[n-1]
	}
	return letter
}

// lower is base32 in lower case, which is fit for names and labels.
var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// hashed is the new name of a text: an x and 11 characters that depend on the salt. It is fit for every kind of name,
// those of ports included.
func (a *anonymiser) hashed(text string) string {
	mac := hmac.New(sha256.New, a.salt)
	mac.Write([]byte(text))
	return "x" + lower.EncodeToString(mac.Sum(nil))[:11]
}

// word renames a name, a label's value, or any other text.
func (a *anonymiser) word(text string) string {
	if text == "" || words[text] {
		return text
	}
	return a.cached("word "+text, func() string {
		if !a.holdsLiteral(text) {
			if name, ok := a.ranked[text]; ok {
				return name
			}
		}
		if slices.Contains(a.literals, text) {
			return a.hashed(text)
		}
		return a.pieces(text, a.literals) + misfit(text)
	})
}

func (a *anonymiser) holdsLiteral(text string) bool {
	return slices.ContainsFunc(a.literals, func(l string) bool { return strings.Contains(text, l) })
}

// pieces renames a text around the literals in it.
func (a *anonymiser) pieces(text string, literals []string) string {
	at, found := len(text), ""
	for _, l := range literals {
		if i := strings.Index(text, l); i >= 0 && (i < at || i == at && len(l) > len(found)) {
			at, found = i, l
		}
	}
	if found == "" {
		return a.hashed(text)
	}
	var out string
	if at > 0 {
		out = a.hashed(text[:at])
	}
	out += a.hashed(found)
	if rest := text[at+len(found):]; rest != "" {
		out += a.pieces(rest, literals)
	}
	return out
}

// fit is what an API server accepts as a label's value.
var fit = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

// misfitting is what no API server accepts in a name or in a label.
const misfitting = "!"

// misfit is misfitting for a text that no API server accepts either, as a name or as a label's value: an object that is
// refused must not become one that is enforced.
func misfit(text string) string {
	if fit.MatchString(text) || len(text) <= 253 && subdomain.MatchString(text) {
		return ""
	}
	return misfitting
}

// rank gives new names to the ones whose order counts. The order is that of the names with what follows them: a tier is
// followed by a dot and a namespace by a slash in the names by which Calico compares policies. Names that are kept stay
// between the others.
func (a *anonymiser) rank(names map[string]string) {
	order := make([]string, 0, len(names))
	for name := range names {
		order = append(order, name)
	}
	slices.SortFunc(order, func(x, y string) int { return strings.Compare(x+names[x], y+names[y]) })
	var fixed []string
	for w := range words {
		if fit.MatchString(w) && strings.ToLower(w) == w && w[0] >= 'a' && (names[w] != "" || slices.Contains([]string{"default", "kube-system"}, w)) {
			fixed = append(fixed, w)
		}
	}
	slices.Sort(fixed)
	for i, name := range order {
		a.ranked[name] = fmt.Sprintf("%s%05d-%s%s", between(fixed, name), i, a.hashed(name), misfit(name))
	}
}

// saltOf makes a salt of what the user gives. A short one is as good as a long one for names that stay the same, not for
// keeping them from being guessed.
func saltOf(text string) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte(text), 1))
	return sum[:]
}
