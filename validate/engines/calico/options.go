package calico

// options leave out single steps of the set-up. Only tests set them: each step that is left out must
// change some verdict, or the step is not tested.
type options struct {
	withoutNamespaceProfiles  bool
	withoutServiceAccounts    bool
	withoutNetworkSets        bool
	withoutServices           bool
	withoutHostEndpoints      bool
	withoutDefaultTier        bool
	withoutAdminTiers         bool
	withoutTierOrder          bool
	withoutTypesDefault       bool
	withoutValidation         bool
	withoutFelixFilter        bool
	withoutTierPrefix         bool
	withoutMetadataAnnotation bool
	withoutCopiesPassedOver   bool
	withoutFinishedPods       bool
	withoutLocalHostRule      bool
	withoutEndpointToHost     bool
	withoutFailsafes          bool
	withoutEncapsulationDrop  bool
	withoutVersionFilter      bool
	withoutStagedExcluded     bool
	withoutDirections         bool
	withoutICMP               bool
	withoutNamedPorts         bool
	withoutLongPrefixes       bool
	withoutEndOfTier          bool
	withoutPass               bool
	withoutProfiles           bool
	withoutForwardTiers       bool
	withoutPreDNAT            bool
	withoutBlockShadow        bool
}
