package main

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"stet/internal/pgtest"
)

// TestDemo starts the demo with nothing set up, stops it by SIGTERM, starts it again, kills it and starts it once more. No Postgres may be
// left behind, and the sign-ins stay the same.
func TestDemo(t *testing.T) {
	dir, at := pgtest.Folder(t), freePort(t)
	run := func() (*process, time.Duration) {
		begun := time.Now()
		p := start(t, nil, "demo", "--dir", dir, "--listen", at)
		p.answers(t, "http://"+at+"/readyz", http.StatusOK, 120*time.Second)
		p.answers(t, "http://"+at+"/", http.StatusOK, 10*time.Second)
		return p, time.Since(begun)
	}
	first, took := run()
	t.Logf("first start: %v", took)
	front := get(t, "http://"+at+"/")
	if strings.Count(front, "<article") < 10 {
		t.Errorf("the front page has %d stories", strings.Count(front, "<article"))
	}
	first.stop(syscall.SIGTERM)
	if code := first.ProcessState.ExitCode(); code != 0 {
		t.Errorf("SIGTERM: exit code %d, want 0\n%s", code, first.out.String())
	}
	gone(t, dir)

	second, took := run()
	t.Logf("second start: %v", took)
	if x, y := signIns(first.out.String()), signIns(second.out.String()); x != y || x == "" {
		t.Errorf("the sign-ins changed:\n%s\n%s", x, y)
	}
	second.stop(syscall.SIGKILL)
	third, took := run()
	t.Logf("start after kill -9: %v", took)
	third.stop(syscall.SIGINT)
	gone(t, dir)
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url) //nolint:noctx // a test's one request
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// signIns are the lines that name people.
func signIns(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "@") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n")
}

// gone waits until no process works in dir.
func gone(t *testing.T, dir string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); ; {
		out, err := exec.Command("pgrep", "-f", dir).Output()
		if err != nil || len(strings.TrimSpace(string(out))) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("processes are left behind: %s", out)
		}
	}
}
