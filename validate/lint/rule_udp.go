package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// udpPorts are ports of services that speak UDP, or UDP as well. In a NetworkPolicy a port without protocol is TCP.
var udpPorts = map[string]string{
	"53": "DNS", "67": "DHCP", "68": "DHCP", "69": "TFTP", "123": "NTP", "161": "SNMP", "162": "SNMP", "500": "IKE",
	"514": "syslog", "1812": "RADIUS", "1813": "RADIUS", "3478": "STUN", "4500": "IPsec", "4789": "VXLAN", "5353": "mDNS",
	"6081": "Geneve", "8472": "VXLAN", "51820": "WireGuard",
}

// udpLeftOut finds such ports without protocol, where no other entry of the rule has the port under UDP. All other
// ports without protocol are what they seem to most: TCP.
var udpLeftOut = rule{code: diag.UDPLeftOut, policy: func(_ *set, p *policy, r *reporter) {
	if p.form != kubernetesForm {
		return
	}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			ports := rule.get("ports").items()
			for _, port := range ports {
				service := udpService(port.get("port").text())
				if service == "" || !port.get("protocol").empty() || hasUDP(ports, port.get("port").text()) {
					continue
				}
				r.report(port, "add an entry with protocol: UDP", "without protocol the port is TCP only, and %s speaks UDP", service)
			}
		}
	}
}}

func udpService(port string) string {
	if lower := strings.ToLower(port); lower == "dns" || lower == "dns-udp" || lower == "domain" {
		return "DNS"
	}
	return udpPorts[port]
}

func hasUDP(ports []field, port string) bool {
	for _, other := range ports {
		if other.get("protocol").text() == "UDP" && (other.get("port").text() == port || other.get("port").empty()) {
			return true
		}
	}
	return false
}
