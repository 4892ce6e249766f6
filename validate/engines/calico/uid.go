package calico

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/conversion"
	calicoresources "github.com/projectcalico/calico/libcalico-go/lib/resources"
	"k8s.io/apimachinery/pkg/types"
)

// madeUID gives an object the unique identifier that conversion.NamespaceToProfile requires and that
// hand-written clusters lack. It decides nothing; that it is a function of the name keeps runs equal.
func madeUID(kind, namespace, name string) types.UID {
	sum := sha256.Sum256([]byte(kind + "\x00" + namespace + "\x00" + name))
	sum[6] = sum[6]&0x0f | 0x40 // version 4, as the API server's
	sum[8] = sum[8]&0x3f | 0x80
	return types.UID(fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// isMadeProfile recognises the names of the profiles that Calico itself makes.
func isMadeProfile(name string) bool {
	return strings.HasPrefix(name, conversion.NamespaceProfileNamePrefix) ||
		strings.HasPrefix(name, conversion.ServiceAccountProfileNamePrefix) ||
		name == calicoresources.DefaultAllowProfileName
}
