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
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/lane"
	"stet/internal/pagecache"
	"stet/internal/postgres"
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
	out = append(out, measure{"stet_ready", "", "gauge", "1 while this instance takes visitors.", flag(a.ready.Load() && !a.leaving.Load())})
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
	return slices.Concat(out, a.replicaMeasures(), a.lanes.measures(), kept(a.Pages()))
}

// kept are those of the cache of readers' pages.
func kept(s pagecache.Stats) []measure {
	return []measure{
		{"stet_pages_hits_total", "", "counter", "Answers from memory.", float64(s.Hits)},
		{"stet_pages_misses_total", "", "counter", "Answers that had to be made.", float64(s.Misses)},
		{"stet_pages_stale_total", "", "counter", "Answers from memory while the database was away.", float64(s.Stale)},
		{"stet_pages_purges_total", "", "counter", "Purges.", float64(s.Purges)},
		{"stet_pages_evicted_total", "", "counter", "Pages that made room for others.", float64(s.Evicted)},
		{"stet_pages_entries", "", "gauge", "Pages in memory.", float64(s.Entries)},
		{"stet_pages_bytes", "", "gauge", "What they weigh.", float64(s.Bytes)},
		{"stet_pages_hears", "", "gauge", "1 while changes are heard of, so that pages in memory are believed.", flag(s.Hears)},
	}
}

// measures are those of the lanes.
func (l *lanes) measures() (out []measure) {
	for _, of := range []struct {
		name, kind, help string
		value            func(lane.Stats) float64
	}{
		{"stet_lane_busy", "gauge", "Requests under way.", func(s lane.Stats) float64 { return float64(s.Busy) }},
		{"stet_lane_waiting", "gauge", "Requests that wait for a place.", func(s lane.Stats) float64 { return float64(s.Waiting) }},
		{"stet_lane_passed_total", "counter", "Requests that got a place.", func(s lane.Stats) float64 { return float64(s.Passed) }},
		{"stet_lane_turned_total", "counter", "Requests that were turned away, with 503 and Retry-After.", func(s lane.Stats) float64 { return float64(s.Turned) }},
	} {
		for _, one := range l.all {
			out = append(out, measure{of.name, `{lane="` + one.name + `"}`, of.kind, of.help, of.value(one.Stats())})
		}
	}
	return out
}

// replicaMeasures are those of the databases that follow the first.
func (a *App) replicaMeasures() (out []measure) {
	states := a.reading.States()
	for _, of := range []struct {
		name, help string
		value      func(postgres.ReplicaState) float64
	}{
		{"stet_replica_up", "1 while a replica answers and follows its primary.", func(s postgres.ReplicaState) float64 { return flag(s.Up) }},
		{"stet_replica_read", "1 while readers' pages are read from it.", func(s postgres.ReplicaState) float64 { return flag(s.Read) }},
		{"stet_replica_behind_seconds", "How old the last change is that it has; grows also where nothing is written.", func(s postgres.ReplicaState) float64 { return s.Behind.Seconds() }},
	} {
		for i, s := range states {
			out = append(out, measure{of.name, fmt.Sprintf(`{replica="%d",host=%q}`, i+1, s.Name), "gauge", of.help, of.value(s)})
		}
	}
	return out
}

func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
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
