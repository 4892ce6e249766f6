package rehearse

import "strings"

// maxAligned bounds the product of lines on both sides; longer texts stand side by side without being aligned.
const maxAligned = 4_000_000

// align finds the longest sequence of lines that say the same on both sides.
func align(sources, outputs []Text) [][2]int {
	a, b := linesOf(sources), linesOf(outputs)
	if len(a)*len(b) == 0 || len(a)*len(b) > maxAligned {
		return [][2]int{}
	}
	longest := make([][]int32, len(a)+1)
	for i := range longest {
		longest[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if a[i] == b[j] {
				longest[i][j] = max(longest[i][j], longest[i+1][j+1]+1)
			}
		}
	}
	out := [][2]int{}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j] && longest[i][j] == longest[i+1][j+1]+1:
			out = append(out, [2]int{i + 1, j + 1})
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// linesOf are the lines of texts without what the two CNIs write differently: indentation, quotes, the dash of a list,
// upper case and the prefixes of labels.
func linesOf(texts []Text) []string {
	var out []string
	for _, t := range texts {
		for line := range strings.Lines(t.Text) {
			line = strings.Trim(line, " -\n")
			line = strings.NewReplacer(`"`, "", "'", "", "k8s:", "").Replace(strings.ToLower(line))
			out = append(out, line)
		}
	}
	return out
}
