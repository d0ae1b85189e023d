package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var metricLine = regexp.MustCompile(`^[a-z_]+(\{[a-z]+="[a-z_ ]+"\})? [0-9.e+]+$`)

// TestOperatorsAreServedApart reads the numbers where operators do, and nowhere else.
func TestOperatorsAreServedApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := httptest.NewServer(w.app.Ops())
	defer ops.Close()
	resp, err := http.Get(ops.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	typed := map[string]bool{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			if typed[name] {
				t.Errorf("%s stands in two places", name)
			}
			typed[name] = true
			continue
		}
		if !strings.HasPrefix(line, "# HELP ") && !metricLine.MatchString(line) {
			t.Errorf("not a number with its name: %q", line)
		}
	}
	for _, want := range []string{"stet_ready 1\n", `stet_pool_limit{pool="readers"} 16`, "go_goroutines "} {
		if !strings.Contains(string(body), want) {
			t.Errorf("there is no %q in\n%s", want, body)
		}
	}
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/": 404} {
		if status, _ := get(t, ops.URL+path, ""); status != want {
			t.Errorf("operators: GET %s = %d, want %d", path, status, want)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status, _ := get(t, w.server.URL+path, ""); status != http.StatusNotFound {
			t.Errorf("the world: GET %s = %d", path, status)
		}
	}
}
