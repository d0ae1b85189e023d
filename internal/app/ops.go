package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime/metrics"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// profileLimit is how long a profile or trace may take.
const profileLimit = 2 * time.Minute

// serveOps serves what those who run the site look at, at an address of its own that the world never reaches; nothing where none is
// configured. What it returns ends that.
func (a *App) serveOps() (stop func(), err error) {
	if a.cfg.OpsListen == "" {
		return func() {}, nil
	}
	ln, err := net.Listen("tcp", a.cfg.OpsListen)
	if err != nil {
		return nil, fmt.Errorf("listen for operators: %w", err)
	}
	srv := &http.Server{Handler: a.Ops(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: profileLimit, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	go func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("operators are no longer served", "error", err)
		}
	}()
	a.log.Info("serving operators", "address", ln.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close() // a profile under way is nobody's loss
		}
	}, nil
}

// Ops answers operators: /metrics in Prometheus's text format, /debug/pprof/.
func (a *App) Ops() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		a.writeMetrics(w)
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// measure is one number with its name, and the labels that tell it from others of that name.
type measure struct {
	name, labels, kind, help string
	value                    float64
}

// writeMetrics writes all numbers; those of one name stand together.
func (a *App) writeMetrics(w io.Writer) {
	list := append(a.measures(), runtimeMeasures()...)
	said := ""
	for _, m := range list {
		if m.name != said {
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
			said = m.name
		}
		fmt.Fprintf(w, "%s%s %g\n", m.name, m.labels, m.value)
	}
}

// measures are those of this program.
func (a *App) measures() (out []measure) {
	ready := 0.0
	if a.ready.Load() && !a.leaving.Load() {
		ready = 1
	}
	out = append(out, measure{"stet_ready", "", "gauge", "1 while this instance takes visitors.", ready})
	pools := map[string]*pgxpool.Stat{"newsroom": a.staff.Stat(), "readers": a.readers.Stat()}
	for _, of := range []struct {
		name, kind, help string
		value            func(*pgxpool.Stat) float64
	}{
		{"stet_pool_connections", "gauge", "Connections to the database.", func(s *pgxpool.Stat) float64 { return float64(s.TotalConns()) }},
		{"stet_pool_busy", "gauge", "Connections in use.", func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }},
		{"stet_pool_limit", "gauge", "The most there may be.", func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }},
		{"stet_pool_acquired_total", "counter", "How often one was taken.", func(s *pgxpool.Stat) float64 { return float64(s.AcquireCount()) }},
		{"stet_pool_waited_total", "counter", "How often none was free.", func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }},
		{"stet_pool_wait_seconds_total", "counter", "How long was waited for one.", func(s *pgxpool.Stat) float64 { return s.EmptyAcquireWaitTime().Seconds() }},
	} {
		for _, pool := range []string{"newsroom", "readers"} {
			out = append(out, measure{of.name, `{pool="` + pool + `"}`, of.kind, of.help, of.value(pools[pool])})
		}
	}
	return out
}

// runtimeMeasures are those of the Go runtime that tell how a server is.
func runtimeMeasures() (out []measure) {
	of := []struct{ sample, name, kind, help string }{
		{"/sched/goroutines:goroutines", "go_goroutines", "gauge", "Goroutines."},
		{"/memory/classes/heap/objects:bytes", "go_heap_objects_bytes", "gauge", "Memory of what is in use or not collected yet."},
		{"/memory/classes/total:bytes", "go_memory_total_bytes", "gauge", "All memory that the runtime has mapped."},
		{"/memory/classes/heap/released:bytes", "go_memory_released_bytes", "gauge", "What of it was given back."},
		{"/gc/gomemlimit:bytes", "go_memory_limit_bytes", "gauge", "What the garbage collector keeps below."},
		{"/gc/cycles/total:gc-cycles", "go_gc_cycles_total", "counter", "Runs of the garbage collector."},
		{"/cpu/classes/gc/total:cpu-seconds", "go_gc_cpu_seconds_total", "counter", "Time it took of the processors, estimated."},
		{"/cpu/classes/user:cpu-seconds", "go_user_cpu_seconds_total", "counter", "Time that the program's own code took, estimated."},
	}
	samples := make([]metrics.Sample, len(of))
	for i := range of {
		samples[i].Name = of[i].sample
	}
	metrics.Read(samples)
	for i, s := range samples {
		switch s.Value.Kind() {
		case metrics.KindUint64:
			out = append(out, measure{of[i].name, "", of[i].kind, of[i].help, float64(s.Value.Uint64())})
		case metrics.KindFloat64:
			out = append(out, measure{of[i].name, "", of[i].kind, of[i].help, s.Value.Float64()})
		}
	}
	return out
}
