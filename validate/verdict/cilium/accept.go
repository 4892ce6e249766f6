package cilium

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy/api"
)

// agentConfig guards Cilium's package variables, which Sanitize reads.
var agentConfig sync.Mutex

// read decodes a spec, or says why an agent rejects it.
func (s *settings) read(raw json.RawMessage, clusterwide bool) (*policySpec, error) {
	raw, err := s.prune(raw)
	if err != nil {
		return nil, err
	}
	plain, err := withoutRequires(raw)
	if err != nil {
		return nil, err
	}
	if err := s.accepted(plain, clusterwide); err != nil {
		return nil, &rejected{err.Error()}
	}
	spec := &policySpec{}
	if err := unmarshal(raw, spec); err != nil {
		return nil, err
	}
	if err := s.rejectedThen(spec); err != nil {
		return nil, &rejected{err.Error()}
	}
	return spec, nil
}

// accepted says why an agent does not take a rule in, if it does not. It asks Cilium's own validation, on a copy, which
// the validation rewrites (pkg/policy/api/rule_validation.go).
func (s *settings) accepted(spec json.RawMessage, clusterwide bool) (err error) {
	agentConfig.Lock()
	defer agentConfig.Unlock()
	config := option.Config
	icmp, l7, nodes := config.EnableICMPRules, config.EnableL7Proxy, config.EnableNodeSelectorLabels
	extended, nonDefaultDeny := config.EnableExtendedIPProtocols, config.EnableNonDefaultDenyPolicies
	config.EnableICMPRules = true
	config.EnableL7Proxy = s.l7Proxy
	config.EnableNodeSelectorLabels = s.nodeSelectorLabels
	config.EnableExtendedIPProtocols = s.extendedProtocols
	config.EnableNonDefaultDenyPolicies = s.nonDefaultDeny
	defer func() {
		config.EnableICMPRules, config.EnableL7Proxy, config.EnableNodeSelectorLabels = icmp, l7, nodes
		config.EnableExtendedIPProtocols, config.EnableNonDefaultDenyPolicies = extended, nonDefaultDeny
		// A required field that is missing makes Cilium's decoding panic; the API server would not have let it pass.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("a required field is missing: %v", cause)
		}
	}()
	var r api.Rule
	if err := unmarshal(spec, &r); err != nil {
		return err
	}
	if err := r.Sanitize(); err != nil {
		return err
	}
	if !clusterwide && r.NodeSelector.LabelSelector != nil {
		return errors.New("rule cannot have NodeSelector")
	}
	return nil
}
