package snapshot

import "strings"

// lostFilter stands for a label filter that cannot be renamed.
const lostFilter = "policyferry-lost-label-filter"

// filter renames Cilium's label filter, whose patterns are regular expressions. One that is a plain key is renamed as the
// key is.
func (a *anonymiser) filter(text string) string {
	patterns := strings.Fields(text)
	for i, p := range patterns {
		source, rest, found := strings.Cut(p, ":")
		if !found {
			source, rest = "", p
		} else {
			source += ":"
		}
		rest, ignore := strings.CutPrefix(rest, "!")
		plain := strings.ReplaceAll(rest, `\.`, ".")
		if strings.ContainsAny(plain, `\*+?()[]{}|^$`) && plain != ".*" {
			return lostFilter
		}
		if plain != ".*" && !keptKeys[plain] && known.FindString(plain+"/") == "" && !strings.HasPrefix(plain, "io.") {
			rest = a.labelKey(plain)
		}
		if ignore {
			rest = "!" + rest
		}
		patterns[i] = source + rest
	}
	return strings.Join(patterns, " ")
}

// settings keeps of cilium-config what says nothing about its owner.
func (a *anonymiser) settings(value any) any {
	given, _ := value.(fields)
	out := fields{}
	for key, v := range given {
		text, _ := v.(string)
		switch {
		case key == "cluster-name":
			out[key] = a.word(text)
		case key == "labels":
			out[key] = a.filter(text)
		case text == "" || words[text] || keptSettings[text] || number(text):
			out[key] = text
		case key == "policy-cidr-match-mode":
			out[key] = text
		default:
			if renamed, ok := a.listed(text); ok {
				out[key] = renamed
			}
		}
	}
	return out
}

// setting keeps of Calico's settings numbers, addresses, selectors and the API's own words.
func (a *anonymiser) setting(value any) any {
	switch v := value.(type) {
	case fields:
		out := fields{}
		for key, member := range v {
			text, isText := member.(string)
			renamed, isAddress := a.addresses(text)
			switch {
			case !isText:
				out[key] = a.setting(member)
			case isAddress:
				out[key] = renamed
			case verbatim[key] || words[text]:
				out[key] = text
			case selects(key):
				out[key] = a.expression(text)
			case key == "policySyncPathPrefix":
				out[key] = "/x"
			}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			text, isText := item.(string)
			renamed, isAddress := a.addresses(text)
			switch {
			case !isText:
				out = append(out, a.setting(item))
			case isAddress:
				out = append(out, renamed)
			case words[text]:
				out = append(out, text)
			}
		}
		return out
	}
	return value
}
