# The two commands that matter are "go run ./cmd/stet demo" and "make check".

.POSIX:
.PHONY: check bench benches machine mailpit versitygw html format vet lint test audit demo editor

lint = go tool -modfile=.ci/tools/go.mod golangci-lint

# Prints what begins, runs it, prints how long it took, and passes its status on.
step = .ci/step

# Everything that must hold before a commit, the quick steps first.
check: machine
	@$(step) format $(MAKE) -s format
	@$(step) vet go vet ./...
	@$(step) lint $(lint) run
	@$(step) test $(MAKE) -s test

# The mail server that tests send to. Building it takes a minute the first time and a second later.
mailpit = $(CURDIR)/.ci/bin/mailpit
mailpit:
	@go build -modfile=.ci/mailpit/go.mod -o $(mailpit) github.com/axllent/mailpit

# The gateway that stands for S3 in tests, made in the same way.
versitygw = $(CURDIR)/.ci/bin/versitygw
versitygw:
	@go build -modfile=.ci/versitygw/go.mod -o $(versitygw) github.com/versity/versitygw/cmd/versitygw

# The checker of HTML that tests put every page through, at the version and with the hash of its lock file.
vnu = $(CURDIR)/.ci/html/node_modules/vnu-jar/build/dist/vnu.jar
html: $(vnu)
$(vnu): .ci/html/package-lock.json
	@npm ci --silent --ignore-scripts --prefix .ci/html
	@touch $(vnu)

# What the tests need of the machine.
machine:
	@.ci/machine

format:
	@unformatted=$$(gofmt -l cmd internal migrations web); \
	if [ -n "$$unformatted" ]; then echo "gofmt these:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...

lint:
	$(lint) run

# Browsers run by themselves: on two cores they and the race detector would starve each other into time-outs. Tests named TestEvery… go through
# hundreds of pages, routes or files one after another: the race detector would find nothing new there and take ten times as long.
sweeps = ^TestEvery[A-Z]
test: machine mailpit versitygw html
	@export STET_MAILPIT="$(mailpit)" STET_VERSITYGW="$(versitygw)" STET_VNU="$(vnu)"; \
	having() { grep -rl --include='*_test.go' "$$1" cmd internal | xargs -r -n1 dirname | sort -u | sed 's,^,stet/,'; }; \
	browser=$$(having '^[[:space:]]*"github.com/chromedp/chromedp"'); \
	others=$$(go list ./... | grep -vxF "$${browser:-none}"); \
	swept=$$(having '^func TestEvery[A-Z]'); \
	set -x; \
	go test -race -timeout 15m -skip '$(sweeps)' $$others && \
	go test -race -timeout 30m -p 1 -skip '$(sweeps)' $$browser && \
	go test -timeout 20m -p 1 -run '$(sweeps)' $$swept

# The table of the README, measured here: ten minutes on a machine on which nothing else runs. It is compared with nginx where that is installed,
# and fails where a ratio is a quarter worse than the README's. "make benches" runs every benchmark there is, for those who work on one.
bench: machine
	go test ./cmd/stet -timeout 30m -run '^$$' -bench '^BenchmarkTable$$' -benchtime 1x
benches: machine
	go test -run '^$$' -bench . -benchmem -p 1 ./...

# Lighthouse on four pages of the demo, as a phone sees them: each of sixteen figures is to be 100. It takes five minutes on a quiet machine.
lighthouse = .ci/audit/node_modules/lighthouse/package.json
audit: machine $(lighthouse)
	@.ci/audit/run
$(lighthouse): .ci/audit/package-lock.json
	@npm ci --silent --ignore-scripts --prefix .ci/audit
	@touch $(lighthouse)

demo:
	go run ./cmd/stet demo

# Builds the editor's script anew; needs node for its libraries. The result is committed, so that nothing else does.
editor:
	cd web/editor && npm ci --ignore-scripts
	go test ./web -run TestEditorBundle -update
