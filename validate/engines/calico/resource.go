package calico

import (
	"errors"
	"fmt"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/conversion"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	cerrors "github.com/projectcalico/calico/libcalico-go/lib/errors"
	"github.com/projectcalico/calico/libcalico-go/lib/names"
	networking "k8s.io/api/networking/v1"
	adminpolicy "sigs.k8s.io/network-policy-api/apis/v1alpha1"
)

// A resource is a policy object in the form in which Calico's syncer reads it from the datastore.
type resource struct {
	document *document
	stored   *model.KVPair // key: model.ResourceKey; value: a projectcalico.org/v3 object
	tier     string        // the tier that must exist, or ""
	warnings []string      // what Calico left out of it
}

// A policyReader turns documents into resources.
type policyReader struct {
	converter conversion.Converter
	admitter  admitter
	options   options
}

func newPolicyReader(o options) *policyReader {
	return &policyReader{converter: conversion.NewConverter(), admitter: admitter{o}, options: o}
}

// read gives nil without an error for documents that are no policy objects of Calico's.
func (r *policyReader) read(d *document) (*resource, error) {
	switch d.apiVersion {
	case groupCalico, groupCalicoRaw:
		return r.readCalico(d)
	case "networking.k8s.io/v1":
		if d.kind == "NetworkPolicy" {
			return r.readNetworkPolicy(d)
		}
	case "policy.networking.k8s.io/v1alpha1":
		switch d.kind {
		case "AdminNetworkPolicy":
			return r.readAdminPolicy(d)
		case "BaselineAdminNetworkPolicy":
			return r.readBaselinePolicy(d)
		}
	}
	return nil, nil
}

func (r *policyReader) readCalico(d *document) (*resource, error) {
	object := newCalicoObject(d.kind)
	if object == nil {
		return nil, nil
	}
	if !r.options.withoutCopiesPassedOver && isCopy(d) {
		return nil, nil
	}
	if d.kind == apiv3.KindProfile && isMadeProfile(d.name) {
		return nil, nil
	}
	if d.apiVersion == groupCalicoRaw {
		return r.readRaw(d, object)
	}
	if err := decodeStrict(d, object); err != nil {
		return nil, err
	}
	placeObject(d, object)
	if err := r.admitter.admit(object); err != nil {
		return nil, err
	}
	name := object.GetObjectMeta().GetName()
	if isTiered(d.kind) && !r.options.withoutTierPrefix {
		name = names.TieredPolicyName(name)
	}
	tier, _ := tierOf(object)
	return storedAs(d, object, name, tier), nil
}

// readRaw keeps the name under which the object lies in the datastore, which decides its place among
// policies of equal order.
func (r *policyReader) readRaw(d *document, object calicoObject) (*resource, error) {
	if err := decodeRaw(d, object, r.options); err != nil {
		return nil, err
	}
	return storedAs(d, object, d.name, ""), nil
}

func storedAs(d *document, object calicoObject, name, tier string) *resource {
	key := model.ResourceKey{Kind: d.kind, Name: name}
	if namespacedKinds[d.kind] {
		key.Namespace = object.GetObjectMeta().GetNamespace()
	}
	return &resource{document: d, stored: &model.KVPair{Key: key, Value: object}, tier: tier}
}

// placeObject does with the namespace what kubectl and the API server do.
func placeObject(d *document, object calicoObject) {
	metadata := object.GetObjectMeta()
	switch {
	case !namespacedKinds[d.kind]:
		metadata.SetNamespace("")
	case metadata.GetNamespace() == "":
		metadata.SetNamespace(defaultNamespace)
	}
}

func (r *policyReader) readNetworkPolicy(d *document) (*resource, error) {
	policy := &networking.NetworkPolicy{}
	if err := decodeStrict(d, policy); err != nil {
		return nil, err
	}
	if policy.Namespace == "" {
		policy.Namespace = defaultNamespace
	}
	policy.UID = ""
	if err := admitNetworkPolicy(policy); err != nil {
		return nil, err
	}
	defaultPolicyTypes(policy)
	stored, err := r.converter.K8sNetworkPolicyToCalico(policy)
	return convertedTo(d, stored, err)
}

func (r *policyReader) readAdminPolicy(d *document) (*resource, error) {
	policy := &adminpolicy.AdminNetworkPolicy{}
	if err := decodeStrict(d, policy); err != nil {
		return nil, err
	}
	policy.UID = ""
	if err := admitAdminPolicy(policy); err != nil {
		return nil, err
	}
	stored, err := r.converter.K8sAdminNetworkPolicyToCalico(policy)
	return convertedTo(d, stored, err)
}

func (r *policyReader) readBaselinePolicy(d *document) (*resource, error) {
	policy := &adminpolicy.BaselineAdminNetworkPolicy{}
	if err := decodeStrict(d, policy); err != nil {
		return nil, err
	}
	policy.UID = ""
	if err := admitBaselinePolicy(policy); err != nil {
		return nil, err
	}
	stored, err := r.converter.K8sBaselineAdminNetworkPolicyToCalico(policy)
	return convertedTo(d, stored, err)
}

// convertedTo takes a conversion's result. Calico reports rules that it could not convert and goes on
// with what the converter made of them (for admin policies: a deny in place of a deny or pass).
func convertedTo(d *document, stored *model.KVPair, err error) (*resource, error) {
	var rules cerrors.ErrorPolicyConversion
	var adminRules cerrors.ErrorAdminPolicyConversion
	if err != nil && (stored == nil || !errors.As(err, &rules) && !errors.As(err, &adminRules)) {
		return nil, fmt.Errorf("calico cannot convert it: %w", err)
	}
	r := &resource{document: d, stored: stored}
	if err != nil {
		r.warnings = []string{fmt.Sprintf("%s: calico cannot convert every rule: %s", d, oneLine(err.Error()))}
	}
	return r, nil
}
