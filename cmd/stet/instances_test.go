package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

func TestMain(m *testing.M) {
	if file := os.Getenv("STET_BARE"); file != "" {
		fmt.Fprintln(os.Stderr, serveBare(file))
		os.Exit(1)
	}
	code := m.Run()
	if built != "" {
		os.RemoveAll(filepath.Dir(built))
	}
	os.Exit(code)
}

// binary is the program, built once.
func binary(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "stet-bin-")
		if err != nil {
			buildErr = err
			return
		}
		built = filepath.Join(dir, "stet")
		out, err := exec.Command("go", "build", "-o", built, ".").CombinedOutput()
		if err != nil {
			buildErr = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

// freePort is an address nobody listens at.
func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// process is the program, running.
type process struct {
	*exec.Cmd
	out  lockedBuffer
	done chan struct{}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(binary(t), args...), done: make(chan struct{})}
	p.Env = append(os.Environ(), env...)
	p.Stdout, p.Stderr = &p.out, &p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.Wait(); close(p.done) }() //nolint:errcheck // its state says how it ended
	t.Cleanup(func() { p.stop(syscall.SIGKILL) })
	return p
}

func (p *process) stop(sig syscall.Signal) {
	p.Process.Signal(sig) //nolint:errcheck // it may have ended
	<-p.done
}

// answers waits until url answers with the status.
func (p *process) answers(t testing.TB, url string, status int, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			io.Copy(io.Discard, resp.Body) //nolint:errcheck // only the status counts
			resp.Body.Close()
			if resp.StatusCode == status {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not answer %d within %v\n%s", url, status, within, p.out.String())
		case <-p.done:
			t.Fatalf("the program ended\n%s", p.out.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

type utc struct{}

func (utc) Zone() *time.Location { return time.UTC }
func (utc) ASCIISlugs() bool     { return true }

// TestScheduledOnceOverInstances runs three instances over one database, schedules 50 articles within a few seconds and kills one instance
// meanwhile. Each article appears once, never early, and at most two seconds late.
func TestScheduledOnceOverInstances(t *testing.T) {
	db := pgtest.New(t)
	ctx := t.Context()
	var instances []*process
	for range 3 {
		at := freePort(t)
		p := start(t, []string{"STET_DATABASE_URL=" + db.AppURL, "STET_SECRET=" + strings.Repeat("s", 32), "STET_LISTEN=" + at, "STET_BASE_URL=http://" + at,
			"STET_DATA=" + t.TempDir()}, "serve")
		p.answers(t, "http://"+at+"/readyz", http.StatusOK, 20*time.Second)
		instances = append(instances, p)
	}
	store := article.New(db.App, utc{})
	due := time.Now().Add(4 * time.Second).Truncate(time.Second)
	const articles = 50
	for i := range articles {
		id, err := store.Create(ctx, staff.System(), article.KindArticle, "")
		if err != nil {
			t.Fatal(err)
		}
		saved, err := store.Save(ctx, staff.System(), id, article.SaveIn{Draft: article.Draft{Headline: fmt.Sprintf("Article %d", i), Body: "<p>On time.</p>"}, Base: 1})
		if err != nil {
			t.Fatal(err)
		}
		at := due.Add(time.Duration(i) * 100 * time.Millisecond)
		if _, err := store.Publish(ctx, staff.System(), id, article.PublishIn{Revision: saved.Number, At: &at}); err != nil {
			t.Fatal(err)
		}
	}
	time.AfterFunc(time.Until(due.Add(1500*time.Millisecond)), func() { instances[0].Process.Kill() }) //nolint:errcheck // it runs
	deadline := due.Add(articles*100*time.Millisecond + 20*time.Second)
	for done := 0; done < articles; {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d were published", done, articles)
		}
		if err := db.Owner.QueryRow(ctx, `SELECT count(*) FROM schedules WHERE done_at IS NOT NULL`).Scan(&done); err != nil {
			t.Fatal(err)
		}
	}
	<-instances[0].done
	var rows, late, early, twice int
	var worst float64
	err := db.Owner.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE p.recorded_at > s.at + interval '2 seconds'), count(*) FILTER (WHERE p.recorded_at < s.at),
			count(*) - count(DISTINCT p.article_id), max(extract(epoch FROM p.recorded_at - s.at))
		FROM schedules s
		JOIN publications p USING (article_id)`).Scan(&rows, &late, &early, &twice, &worst)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d articles published, the latest %.3f s after its time", rows, worst)
	if rows != articles || late > 0 || early > 0 || twice > 0 {
		t.Errorf("%d rows in the record for %d articles, %d late, %d early, %d twice", rows, articles, late, early, twice)
	}
	var audits int
	if err := db.Owner.QueryRow(ctx, `SELECT count(*) FROM audit WHERE act = 'article.publish' AND detail ? 'scheduled'`).Scan(&audits); err != nil || audits != articles {
		t.Errorf("%d audit rows, %v, want %d", audits, err, articles)
	}
}
