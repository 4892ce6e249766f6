package page

import (
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// The size of the chart, in its own units; the page scales it.
const (
	chartWidth, chartHeight = 640, 180
	chartLeft, chartRight   = 44, 12
	chartTop, chartBottom   = 14, 30
	plotWidth, plotHeight   = chartWidth - chartLeft - chartRight, chartHeight - chartTop - chartBottom
	shownRuns               = 60
)

// chart is the history of an estate: how much of it could leave, and how many findings stood in the way.
type chart struct {
	Width, Height int
	// Policies and Rules are the points of lines.
	Policies, Rules string
	Runs            []run
	Grid            []grid
	// Bottom is where the bars stand, Unit how wide one is.
	Bottom, Unit float64
	First, Last  string
}

// run is one run in the chart.
type run struct {
	rehearse.Entry
	X, Policies, Rules float64
	// Top and Bar are those of the bar of blockers.
	Top, Bar float64
}

type grid struct {
	Y    float64
	Text string
}

// chartOf lays out the last runs; nil if there are fewer than two, of which nothing can be said.
func chartOf(history []rehearse.Entry) *chart {
	if len(history) < 2 {
		return nil
	}
	history = history[max(0, len(history)-shownRuns):]
	c := &chart{Width: chartWidth, Height: chartHeight, Bottom: chartTop + plotHeight,
		First: day(history[0].Time), Last: day(history[len(history)-1].Time)}
	most := 1
	for _, h := range history {
		most = max(most, h.Blockers)
	}
	step := float64(plotWidth) / float64(len(history))
	c.Unit = min(22, step*0.5)
	var policies, rules []string
	for i, h := range history {
		r := run{Entry: h, X: chartLeft + step*(float64(i)+0.5), Policies: height(h.PolicyShare), Rules: height(h.RuleShare)}
		r.Bar = float64(plotHeight) * 0.45 * float64(h.Blockers) / float64(most)
		r.Top = c.Bottom - r.Bar
		policies = append(policies, fmt.Sprintf("%.1f,%.1f", r.X, r.Policies))
		rules = append(rules, fmt.Sprintf("%.1f,%.1f", r.X, r.Rules))
		c.Runs = append(c.Runs, r)
	}
	c.Policies, c.Rules = strings.Join(policies, " "), strings.Join(rules, " ")
	for _, share := range []int{0, 50, 100} {
		c.Grid = append(c.Grid, grid{height(share), fmt.Sprintf("%d %%", share)})
	}
	return c
}

// height is where a share in percent stands.
func height(share int) float64 { return chartTop + float64(plotHeight)*(1-float64(share)/100) }
