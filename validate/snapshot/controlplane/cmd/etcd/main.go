// Command etcd is etcd's own server, built from its module for the tests of this module: distributions have older ones
// from which the API server does not serve consistent lists out of its watch cache.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
