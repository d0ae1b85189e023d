package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// barePage is an answer as it went over the wire, and where the bare server gives it.
type barePage struct {
	At     string
	Header http.Header
	Body   []byte
}

// serveBare is what a Go program does at least to answer with bytes it has: no router, no host, no log. It runs in a process of its own, where
// STET_BARE names a file with a barePage.
func serveBare(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var page barePage
	if err := json.Unmarshal(b, &page); err != nil {
		return err
	}
	return http.ListenAndServe(page.At, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { //nolint:gosec // a peer on this machine
		h := w.Header()
		for name, values := range page.Header {
			h[name] = values
		}
		w.Write(page.Body) //nolint:errcheck // whoever asked notices
	}))
}

// beside starts the servers that give the same bytes: the bare one, and nginx where it is installed.
func beside(t testing.TB, page barePage) []contestant {
	t.Helper()
	dir := t.TempDir()
	page.At = freePort(t)
	b, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "page.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	bare := exec.Command(os.Args[0])
	bare.Env = append(os.Environ(), "STET_BARE="+file)
	out := []contestant{launched(t, "bare", page.At, bare)}
	if program, err := exec.LookPath("nginx"); err == nil {
		at := freePort(t)
		out = append(out, launched(t, "nginx", at, exec.Command(program, "-p", dir, "-c", nginxFiles(t, dir, at, page))))
	}
	return out
}

// launched starts a server and waits until it answers.
func launched(t testing.TB, name, at string, cmd *exec.Cmd) contestant {
	t.Helper()
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: cmd, done: make(chan struct{})}
	go func() { p.Wait(); close(p.done) }() //nolint:errcheck // its state says how it ended
	t.Cleanup(func() { p.stop(syscall.SIGTERM) })
	p.answers(t, "http://"+at+"/", http.StatusOK, 10*time.Second)
	return contestant{name: name, at: at, pid: cmd.Process.Pid}
}

// nginxFiles is a configuration with which one nginx process gives the page as a file that was compressed before, with the same headers.
func nginxFiles(t testing.TB, dir, at string, page barePage) (conf string) {
	t.Helper()
	var headers string
	for name, values := range page.Header {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Type", "Etag", "Vary", "Date":
		default:
			headers += fmt.Sprintf("\tadd_header %s %q;\n", name, values[0])
		}
	}
	conf = filepath.Join(dir, "nginx.conf")
	for file, text := range map[string][]byte{"index.html": []byte("plain"), "index.html.gz": page.Body, "nginx.conf": fmt.Appendf(nil, `
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=10; types { text/html html; } charset utf-8;
	server { listen %s; root %s; gzip_static always; gzip_vary on;
%s	}
}`, at, dir, headers)} {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return conf
}
