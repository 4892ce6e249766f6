# make check is what CI runs: everything that can fail.

GO ?= go
ENGINES := $(CURDIR)/bin

# Nothing here needs C, and with one setting for everything each package is compiled once.
export CGO_ENABLED = 0

.PHONY: build check test vet engines apiserver test-controlplane test-size pages test-browser cross laws fuzz-engines mutants bench fuzz

build:
	$(GO) build -trimpath -ldflags '-s -w' -o bin/policyferry ./cmd/policyferry

check: vet engines test test-controlplane test-browser cross

# Formatting and vet, in every module.
vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'gofmt would change these files'; exit 1; }
	$(GO) vet ./...
	cd validate/engines/calico && $(GO) vet ./...
	cd validate/engines/cilium && $(GO) vet ./...
	cd release && $(GO) vet ./...
	cd validate/snapshot/controlplane && $(GO) vet ./...
	cd validate/rehearse/page/browser && $(GO) vet ./...

# The CNIs' own policy code, as programs that judge policies. The tests of the main module use them.
engines:
	cd validate/engines/calico && $(GO) build -o $(ENGINES)/ ./cmd/policyferry-engine-calico
	cd validate/engines/cilium && $(GO) build -o $(ENGINES)/ ./cmd/policyferry-engine-cilium

# What the tests need to find the engines; each skips with a message without them.
FIND_ENGINES = POLICYFERRY_ENGINES=$(ENGINES) \
	POLICYFERRY_ENGINE_CALICO=$(ENGINES)/policyferry-engine-calico \
	POLICYFERRY_ENGINE_CILIUM=$(ENGINES)/policyferry-engine-cilium

test: engines
	$(FIND_ENGINES) $(GO) test -timeout 30m ./...
	cd validate/engines/calico && $(GO) test ./...
	cd validate/engines/cilium && $(GO) test ./...
	cd release && $(GO) test ./...

# A real API server and its store, built from their modules, for the tests that take snapshots of them.
apiserver:
	cd validate/snapshot/controlplane && $(GO) build -ldflags '-s -w' -o $(ENGINES)/ ./cmd/kube-apiserver ./cmd/etcd
	$(GO) build -o $(ENGINES)/policyferry ./cmd/policyferry

ON_APISERVER = cd validate/snapshot/controlplane && POLICYFERRY_ETCD=$(ENGINES)/etcd POLICYFERRY_APISERVER=$(ENGINES)/kube-apiserver \
	POLICYFERRY_PROGRAM=$(ENGINES)/policyferry $(GO) test -count 1

test-controlplane: apiserver
	$(ON_APISERVER) -timeout 30m .

# A cluster of the full size in a real API server; test-controlplane has a quarter of it.
POLICIES ?= 12000
PODS ?= 20000
test-size: apiserver
	$(ON_APISERVER) -timeout 2h -v -run TestSize . -policies $(POLICIES) -pods $(PODS)

# The report page in a real browser. The tests skip and say so where there is no Chromium; .ci/run installs Debian's.
test-browser:
	cd validate/rehearse/page/browser && $(GO) test -count 1 .

# What a release carries beside the program: its man pages and completions, in bin/. VERSION and DATE are those of the
# release.
PAGES ?= bin
pages:
	rm -rf $(PAGES)/man $(PAGES)/completions
	mkdir -p $(PAGES)/man $(PAGES)/completions
	$(GO) build -ldflags "-X main.releaseVersion=$(VERSION) -X main.releaseDate=$(DATE)" -o $(PAGES)/policyferry-pages ./cmd/policyferry
	$(PAGES)/policyferry-pages man $(PAGES)/man
	$(PAGES)/policyferry-pages completion bash > $(PAGES)/completions/policyferry.bash
	$(PAGES)/policyferry-pages completion zsh > $(PAGES)/completions/_policyferry
	$(PAGES)/policyferry-pages completion fish > $(PAGES)/completions/policyferry.fish
	$(PAGES)/policyferry-pages completion powershell > $(PAGES)/completions/policyferry.ps1
	rm $(PAGES)/policyferry-pages

# The program for systems that this one is not.
cross:
	GOOS=windows GOARCH=amd64 $(GO) build -o /dev/null ./cmd/policyferry
	GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/policyferry

# Laws on many more random sets than make test runs; SEEDS and FIRST choose them.
SEEDS ?= 5000
FIRST ?= 100000
laws: engines
	$(FIND_ENGINES) $(GO) test ./fixtures -timeout 0 -v -run 'TestNeverOpen' -seeds $(SEEDS) -first $(FIRST)

# The comparisons with the engines, nightly: CONNECTIONS each, on random sets from the seed FIRST on, and every
# repository of a corpus of real policies, if POLICYFERRY_CORPUS names one.
CONNECTIONS ?= 1000000
fuzz-engines: engines
	$(FIND_ENGINES) $(GO) test ./fixtures -timeout 0 -v -run 'TestFuzzEngines|TestCorpusUnderEngines' -connections $(CONNECTIONS) -first $(FIRST) -failures 5 -repositories 0

# Mutants of correct translations, which verify must find: MUTANTS that the engines judge different. docs/mutants.md
# has the result.
MUTANTS ?= 5000
mutants: engines
	$(FIND_ENGINES) $(GO) test ./fixtures -timeout 0 -v -run 'TestMutants$$' -mutants $(MUTANTS)

# Benchmarks with ratios in one run.
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A short run of every fuzz target; FUZZTIME lengthens it. Inputs that reach something new are hardly minimised: that
# takes a minute each by default, in which nothing else is tried.
FUZZTIME ?= 20s
FUZZMINIMIZETIME ?= 20x
fuzz:
	@for pkg in $$($(GO) list ./...); do \
		dir=$$($(GO) list -f '{{.Dir}}' $$pkg); \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go 2>/dev/null | sed 's/func //'); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime $(FUZZMINIMIZETIME) $$pkg || exit 1; \
		done; \
	done

# What the other targets made. The build cache is left alone.
clean:
	rm -rf bin
	find . -name .git -prune -o \( -name '*.test' -o -name '*.prof' \) -type f -exec rm -f {} +
