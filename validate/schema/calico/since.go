package calico

import (
	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// kindsSince are the kinds that releases before did not have, and fields of policies likewise
// (api/pkg/apis/projectcalico/v3). What 3.25 already had is not listed.
var kindsSince = map[string]Release{
	v3.KindTier:                          29,
	v3.KindStagedNetworkPolicy:           30,
	v3.KindStagedGlobalNetworkPolicy:     30,
	v3.KindStagedKubernetesNetworkPolicy: 30,
}

func kindIsKnown(problems *problem.List, o Object) {
	if since := kindsSince[o.Kind]; o.Release < since {
		problems.Wrong(problem.Root("kind"), "Calico has %s since 3.%d", o.Kind, since)
	}
}

func tierIsKnown(p *policy) {
	if p.spec.Tier != "" && p.Release < 29 {
		p.Unknown(p.at.Field("tier"), "policies have a tier since Calico 3.29")
	}
}

func hintsAreKnown(p *policy) {
	if len(p.spec.PerformanceHints) > 0 && p.Release < 27 {
		p.Unknown(p.at.Field("performanceHints"), "policies have performanceHints since Calico 3.27")
	}
}
