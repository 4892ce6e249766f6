// Command policyferry carries Kubernetes network policy between Calico and Cilium, exactly or not at all.
package main

import "os"

func main() {
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
