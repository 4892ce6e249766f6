package replay

import (
	"maps"
	"slices"
	"time"

	"github.com/policyferry/policyferry/translate/cluster"
)

// Coverage says what a window of observation shows, and what it cannot show. Traffic that was not seen was not judged.
type Coverage struct {
	// First and Last are the times of the first and the last flow; zero if the logs tell no times.
	First, Last time.Time
	// Weekdays without any flow, in UTC.
	Weekdays []time.Weekday
	// Hours of the day, in UTC, without any flow on any day.
	Hours []int
	// Nodes of the cluster where nothing was observed; nil if the logs do not tell nodes.
	Nodes []string
	// Namespaces with pods, and Workloads, that no connection was seen of.
	Namespaces, Workloads []string
	// Lost is the number of records that were lost where they were observed.
	Lost uint64
}

// window is when and where something was seen.
type window struct {
	first, last int64
	slots       [7][24]bool // weekdays and hours in UTC
	nodes       map[string]bool
}

func (w *window) add(s *sight) {
	if s.first == 0 {
		return
	}
	if w.first == 0 || s.first < w.first {
		w.first = s.first
	}
	w.last = max(w.last, s.last)
	const hour = int64(time.Hour)
	// 1 January 1970 was a Thursday.
	for at := s.first / hour; at <= s.last/hour && at < s.first/hour+7*24; at++ {
		w.slots[(at/24+int64(time.Thursday))%7][at%24] = true
	}
}

// coverage compares what was seen with what the cluster has.
func (g *gathering) coverage(facts *cluster.Facts, p *placer) Coverage {
	w := &g.window
	c := Coverage{Lost: g.lost}
	if w.first != 0 {
		c.First, c.Last = time.Unix(0, w.first).UTC(), time.Unix(0, w.last).UTC()
		for day := range w.slots {
			if !slices.Contains(w.slots[day][:], true) {
				c.Weekdays = append(c.Weekdays, time.Weekday(day))
			}
		}
		for hour := range 24 {
			if !slices.ContainsFunc(w.slots[:], func(day [24]bool) bool { return day[hour] }) {
				c.Hours = append(c.Hours, hour)
			}
		}
	}
	if len(w.nodes) > 0 {
		c.Nodes = []string{}
		for _, name := range slices.Sorted(maps.Keys(facts.Nodes)) {
			if !w.nodes[name] {
				c.Nodes = append(c.Nodes, name)
			}
		}
	}
	namespaces, workloads := map[string]bool{}, map[Party]bool{}
	for of := range g.groups {
		for _, at := range []*place{of.from, of.to} {
			namespaces[at.party.Namespace], workloads[at.party] = true, true
		}
	}
	unseen := map[string]bool{}
	for name, pod := range facts.Pods {
		if pod.HostNetwork {
			continue
		}
		if !namespaces[pod.Namespace] {
			unseen[pod.Namespace] = true
		} else if party := p.pods[name].party; !workloads[party] {
			c.Workloads = append(c.Workloads, party.String())
		}
	}
	c.Namespaces = slices.Sorted(maps.Keys(unseen))
	slices.Sort(c.Workloads)
	c.Workloads = slices.Compact(c.Workloads)
	return c
}
