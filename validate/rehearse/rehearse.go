package rehearse

import (
	"context"
	"slices"
	"time"
)

// Run rehearses every snapshot. The error says why one cannot be: a *translate.UsageError, or that its sets cannot be
// compared. All else is in the result.
func Run(ctx context.Context, snapshots []Snapshot, o Options) (*Result, error) {
	r := &Result{
		Version: o.Version, Time: o.Now.UTC().Format(time.RFC3339), To: string(o.To), Baseline: o.Baseline != nil,
		Estates: []*Estate{}, Findings: []Finding{}, Acceptances: acceptancesAt(o.Acceptances, o.Now),
	}
	for _, s := range snapshots {
		e, err := rehearse(ctx, s, o, r.Acceptances)
		if err != nil {
			return nil, err
		}
		r.Estates = append(r.Estates, e)
	}
	r.Findings = aboutAcceptances(r.Acceptances)
	for _, e := range r.Estates {
		e.compareWith(o.Baseline)
		r.New += newBlockers(e)
		r.Fault = r.Fault || slices.ContainsFunc(e.Findings, Finding.ourFault)
	}
	r.judge()
	return r, nil
}
