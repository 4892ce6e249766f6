package calico

import (
	"slices"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
)

func notBothHostFlags(p *policy) {
	if p.spec.DoNotTrack && p.spec.PreDNAT {
		p.Wrong(p.at.Field("preDNAT"), "preDNAT and doNotTrack cannot both be true")
	}
}

func preDNATWithoutEgress(p *policy) {
	if !p.spec.PreDNAT {
		return
	}
	if len(p.spec.Egress) > 0 {
		p.Wrong(p.at.Field("egress"), "a policy with preDNAT has no egress rules")
	}
	if i := slices.Index(p.spec.Types, v3.PolicyTypeEgress); i >= 0 {
		p.Wrong(p.at.Field("types").Item(i), "a policy with preDNAT is for ingress only")
	}
}

func hostFlagsNeedForward(p *policy) {
	if p.spec.ApplyOnForward {
		return
	}
	if p.spec.PreDNAT {
		p.Wrong(p.at.Field("preDNAT"), "preDNAT needs applyOnForward")
	}
	if p.spec.DoNotTrack {
		p.Wrong(p.at.Field("doNotTrack"), "doNotTrack needs applyOnForward")
	}
}
