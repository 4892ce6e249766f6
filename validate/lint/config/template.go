package config

// Template is a file that says nothing yet and explains what it could say.
const Template = `# What policyferry lint is told for this repository. Flags win over this file, and its paths are
# relative to its directory. Take the # away from a line to use it.

# The files and directories that are judged when the command line names none.
#paths: [policies/]

# Files that are not judged: * is any part of a name, ** any number of directories.
#exclude: ["**/testdata", "policies/generated/*.yaml"]

# The CNI that enforces Kubernetes' own policies: calico or cilium.
#cni: cilium

# The releases that the cluster runs.
#calico-version: "3.31"
#cilium-version: "1.20"

# Facts about the cluster, as kubectl get -o yaml writes them.
#cluster: [cluster/]

# The namespace of objects that name none.
#namespace: default

# Ask what could leave: calico, cilium, both, kubernetes or none.
#portable-to: none

# The exit code is 1 at this severity: note, warning, error or never.
#fail-on: error

# What findings of a code weigh: error, warning, note or off. policyferry explain lists the codes.
#severity: {PF6007: error, allows-all: off}
`
