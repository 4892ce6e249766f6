// Command policyferry carries Kubernetes network policy between Calico and Cilium, exactly or not at all.
package main

import "os"

func main() {
	called, args := calledAs(os.Args)
	os.Exit(run(called, args, os.Stdin, os.Stdout, os.Stderr))
}
