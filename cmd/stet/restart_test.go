package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// balancer hands requests to instances in turn, as long as each says that it is ready. It tries nothing twice.
type balancer struct {
	proxy     *httputil.ReverseProxy
	instances []*instance
	next      atomic.Int64
}

type instance struct {
	at    *url.URL
	ready atomic.Bool
}

const lookEvery = 100 * time.Millisecond

// newBalancer stands before addresses. It speaks to them over connections that it keeps, and the test's output says why an answer was lost.
func newBalancer(t *testing.T, addresses ...string) (*balancer, string) {
	t.Helper()
	b := &balancer{}
	for _, at := range addresses {
		b.instances = append(b.instances, &instance{at: &url.URL{Scheme: "http", Host: at}})
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.proxy = &httputil.ReverseProxy{Transport: transport, ErrorLog: log.New(t.Output(), "balancer: ", log.Lmicroseconds), Rewrite: func(r *httputil.ProxyRequest) {
		at := b.pick().at
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = at.Scheme, at.Host, r.In.Host
		r.SetXForwarded()
		// A request with a body that can't be had twice is not sent twice by the transport.
		if r.Out.Body == nil || r.Out.Body == http.NoBody {
			r.Out.Body, r.Out.ContentLength = io.NopCloser(strings.NewReader("")), 0
		}
	}}
	server := httptest.NewServer(b.proxy)
	ctx, stop := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	for _, i := range b.instances {
		looking.Go(func() { i.look(ctx) })
	}
	t.Cleanup(func() {
		server.Close()
		stop()
		looking.Wait()
		transport.CloseIdleConnections()
	})
	return b, strings.TrimPrefix(server.URL, "http://")
}

// look asks an instance again and again whether it is ready.
func (i *instance) look(ctx context.Context) {
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	for tick := time.NewTicker(lookEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		resp, err := client.Get(i.at.String() + "/readyz")
		i.ready.Store(err == nil && resp.StatusCode == http.StatusOK)
		if err == nil {
			resp.Body.Close()
		}
	}
}

// pick is the next instance that is ready; any where none is.
func (b *balancer) pick() *instance {
	first := int(b.next.Add(1)) // once: two that take turns within one walk would each see only half of the instances
	for n := range b.instances {
		if i := b.instances[(first+n)%len(b.instances)]; i.ready.Load() {
			return i
		}
	}
	return b.instances[first%len(b.instances)]
}

// until waits for an instance to be ready, or not to be.
func (b *balancer) until(t *testing.T, n int, ready bool) {
	t.Helper()
	for late := time.Now().Add(30 * time.Second); b.instances[n].ready.Load() != ready; {
		if time.Now().After(late) {
			t.Fatalf("instance %d: ready is never %v", n, ready)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestRestartLosesNoRequest restarts each of two instances behind a balancer while readers read and write.
func TestRestartLosesNoRequest(t *testing.T) {
	db := pgtest.New(t)
	path := publishOne(t, db)
	at := []string{freePort(t), freePort(t)}
	b, front := newBalancer(t, at...)
	instances := make([]*process, len(at))
	begin := func(n int) {
		instances[n] = start(t, []string{"STET_DATABASE_URL=" + db.AppURL, "STET_SECRET=" + strings.Repeat("s", 32), "STET_LISTEN=" + at[n], "STET_BASE_URL=http://" + front,
			"STET_DATA=" + t.TempDir(), "STET_TRUSTED_PROXIES=127.0.0.1/32"}, "serve")
		b.until(t, n, true)
	}
	begin(0)
	begin(1)
	ctx, stop := context.WithCancel(t.Context())
	l := &traffic{T: t, ctx: ctx, base: "http://" + front, path: path}
	for range 8 {
		l.clients.Go(func() { l.each(10*time.Millisecond, l.read) })
	}
	for n := range 2 {
		l.clients.Go(func() { l.each(100*time.Millisecond, func(i int) error { return l.comment(n, i) }) })
	}
	for n := range instances {
		served := l.served.Load()
		if err := instances[n].Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		b.until(t, n, false)
		<-instances[n].done
		if code := instances[n].ProcessState.ExitCode(); code != 0 {
			t.Errorf("instance %d ended with %d\n%s", n, code, instances[n].out.String())
		}
		begin(n)
		t.Logf("instance %d was restarted while %d requests were served", n, l.served.Load()-served)
	}
	stop()
	l.clients.Wait()
	if l.failed.Load() > 0 || l.served.Load() < 500 {
		t.Errorf("%d of %d requests failed", l.failed.Load(), l.served.Load()+l.failed.Load())
	}
}

func publishOne(t testing.TB, db *pgtest.DB) string {
	t.Helper()
	store := article.New(db.App, utc{})
	id, err := store.Create(t.Context(), staff.System(), article.KindArticle, "")
	if err != nil {
		t.Fatal(err)
	}
	saved, err := store.Save(t.Context(), staff.System(), id, article.SaveIn{Draft: article.Draft{Headline: "A crossing", Body: "<p>Nobody fell in.</p>"}, Base: 1})
	if err != nil {
		t.Fatal(err)
	}
	out, err := store.Publish(t.Context(), staff.System(), id, article.PublishIn{Revision: saved.Number})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.App.Exec(t.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000, storm_newcomers = 100`); err != nil {
		t.Fatal(err)
	}
	return out.Path
}

// traffic is what readers do meanwhile.
type traffic struct {
	*testing.T
	ctx            context.Context
	base, path     string
	clients        sync.WaitGroup
	served, failed atomic.Int64
}

// each does something again and again.
func (l *traffic) each(pause time.Duration, do func(i int) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		if err := do(i); err != nil && l.ctx.Err() == nil {
			l.failed.Add(1)
			l.Error(err)
			continue
		}
		l.served.Add(1)
	}
}

func (l *traffic) read(i int) error {
	r, err := http.NewRequestWithContext(l.ctx, http.MethodGet, l.base+[]string{l.path, "/", "/search?q=crossing"}[i%3], nil)
	if err != nil {
		return err
	}
	return l.do(r, http.StatusOK)
}

func (l *traffic) comment(n, i int) error {
	form := url.Values{"name": {"A reader"}, "email": {fmt.Sprintf("reader%d@example.org", n)}, "body": {fmt.Sprintf("I crossed %d times, and the water was %d metres away each time.", i, n)}}
	r, err := http.NewRequestWithContext(l.ctx, http.MethodPost, l.base+l.path+"comments", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("2001:db8:0:%x::1", n))
	return l.do(r, http.StatusSeeOther)
}

func (l *traffic) do(r *http.Request, want int) error {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s: %s", r.Method, r.URL.Path, resp.Status)
	}
	return nil
}
