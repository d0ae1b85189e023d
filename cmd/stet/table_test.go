package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/gzip"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// What the table is made of.
const (
	tableArticles    = 400
	tableComments    = 12000
	tableConnections = 32
	tableRounds      = 5
	tableRound       = 2 * time.Second
	tableUncached    = 200
	tableWarm        = 100
	tableSearches    = 200
	tablePublishes   = 100 // STET_PUBLISHES may say more
	tableReaders     = 200 // STET_READERS may say more
	tableWorse       = 1.25
)

// row is one line of the table. A ratio, other than 0, must not be tableWorse times as bad as the README's.
type row struct {
	name, value string
	ratio       float64
	more        bool // more is better
}

// figures runs what there is to measure.
type figures struct {
	house
	host string // that the site answers for
	open string // an article that takes comments
	rows []row
}

func (f *figures) add(name, format string, args ...any) {
	f.rows = append(f.rows, row{name: name, value: fmt.Sprintf(format, args...)})
}

func (f *figures) compare(name string, ratio float64, more bool) {
	f.rows = append(f.rows, row{name: name, value: fmt.Sprintf("%.2f ×", ratio), ratio: ratio, more: more})
}

// BenchmarkTable measures the program as readers and editors meet it, beside servers that do less, in turns within one run, and prints a table.
// It fails where a ratio is a quarter worse than the README's. It wants a machine on which nothing else runs, and ten minutes of it.
func BenchmarkTable(b *testing.B) {
	for b.Loop() {
		f := &figures{house: house{TB: b}}
		f.open = f.build()
		f.fill()
		f.starts()
		f.memory()
		f.cached()
		f.uncached()
		f.search()
		f.visible()
		f.intake()
		f.print()
		f.againstReadme()
	}
	b.ReportMetric(0, "ns/op")
}

// fill makes content and somebody who may publish.
func (f *figures) fill() {
	f.host = strings.TrimPrefix(f.url, "http://")
	f.stet("", "seed", "--articles", strconv.Itoa(tableArticles), "--comments", strconv.Itoa(tableComments))
	f.idle()
	f.stet(tablePassword, "user", "add", "--email", tableEmail, "--name", "Bench", "--role", "editor", "--password-stdin")
}

// idle waits until the background work that new articles give rise to is done: it isn't what is measured.
func (f *figures) idle() {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	left, deadline := 1, time.Now().Add(5*time.Minute)
	for left > 0 {
		f.must(db.QueryRow(f.Context(), `SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable')`).Scan(&left))
		if time.Now().After(deadline) {
			f.Fatalf("%d jobs are left", left)
		}
		<-time.After(100 * time.Millisecond)
	}
}

const tableEmail, tablePassword = "bench@stet.example", "only for this benchmark 27"

func (f *figures) stet(in string, args ...string) {
	f.Helper()
	cmd := exec.Command(binary(f), args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), f.env...), strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		f.Fatalf("stet %s: %v\n%s", args[0], err, out)
	}
}

// restart gives the program an empty memory.
func (f *figures) restart() {
	f.program.stop(syscall.SIGTERM)
	f.start()
}

// starts measures the way from start to ready.
func (f *figures) starts() {
	var all []time.Duration
	for range tableRounds {
		f.program.stop(syscall.SIGTERM)
		began := time.Now()
		f.start()
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	f.add("start to ready", "%d ms (%d–%d)", all[len(all)/2].Milliseconds(), all[0].Milliseconds(), all[len(all)-1].Milliseconds())
	f.add("memory of its own after a start", "%d MiB", anonymous(f, f.program)>>10)
}

// paths are the article with about thirty comments, the front and a category.
func (f *figures) paths() map[string]string {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	var article string
	f.must(db.QueryRow(f.Context(), `
		SELECT a.path FROM addresses a
		JOIN articles r ON a.article_id = r.id AND a.canonical
		ORDER BY abs((SELECT count(*) FROM live_comments c WHERE c.article_id = r.id) - 30), r.id LIMIT 1`).Scan(&article))
	front, err := http.Get(f.url + "/")
	f.must(err)
	defer front.Body.Close()
	text, err := io.ReadAll(front.Body)
	f.must(err)
	category := regexp.MustCompile(`/category/[a-z0-9-]+/`).FindString(string(text))
	return map[string]string{"article": article, "front": "/", "category": category}
}

func (f *figures) request(path, encoding string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\nUser-Agent: bench\r\n\r\n", path, f.host, encoding)
}

// cached asks for pages that are kept, compressed, over connections that are kept too: each program in turn, in every round.
func (f *figures) cached() {
	paths := f.paths()
	for _, name := range []string{"article", "front", "category"} {
		page := f.page(paths[name])
		all := append([]contestant{{"stet", f.host, f.program.Process.Pid}}, beside(f, page)...)
		if name != "article" {
			all = all[:2]
		}
		tallies := map[string][]tally{}
		for range tableRounds {
			for _, c := range all {
				request := f.request("/", "gzip")
				if c.name == "stet" {
					request = f.request(paths[name], "gzip")
				}
				tallies[c.name] = append(tallies[c.name], hammer(f, c, request, tableConnections, tableRound))
			}
		}
		for _, c := range all {
			of := tallies[c.name]
			f.add(fmt.Sprintf("cached %s, %d bytes, %s", name, len(page.Body), c.name), "%.0f a second (%s), p50 %.2f ms, p99 %.2f ms, %.1f CPU-ms a thousand (%s)", middle(of, tally.rate), span(of, tally.rate, "%.0f"),
				middle(of, at(0.5)), middle(of, at(0.99)), middle(of, tally.perThousand), span(of, tally.perThousand, "%.1f"))
		}
		for _, c := range all[1:] {
			own, other := tallies["stet"], tallies[c.name]
			f.compare(fmt.Sprintf("cached %s, CPU against %s", name, c.name), middle(own, tally.perThousand)/middle(other, tally.perThousand), false)
			f.compare(fmt.Sprintf("cached %s, requests a second against %s", name, c.name), middle(own, tally.rate)/middle(other, tally.rate), true)
			f.compare(fmt.Sprintf("cached %s, p99 against %s", name, c.name), middle(own, at(0.99))/middle(other, at(0.99)), false)
		}
	}
	f.add("memory of its own under that load", "%d MiB", anonymous(f, f.program)>>10)
}

func at(share float64) func(tally) float64 {
	return func(l tally) float64 { return l.at(share).Seconds() * 1000 }
}

func middle(of []tally, what func(tally) float64) float64 {
	all := make([]float64, len(of))
	for i, l := range of {
		all[i] = what(l)
	}
	return median(all)
}

func span(of []tally, what func(tally) float64, format string) string {
	all := make([]float64, len(of))
	for i, l := range of {
		all[i] = what(l)
	}
	return fmt.Sprintf(format+"–"+format, slices.Min(all), slices.Max(all))
}

// page is an answer as it goes over the wire when it is kept and compressed.
func (f *figures) page(path string) barePage {
	var out barePage
	for range 2 { // the second comes from memory
		r, err := http.NewRequestWithContext(f.Context(), http.MethodGet, f.url+path, nil)
		f.must(err)
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := http.DefaultTransport.RoundTrip(r)
		f.must(err)
		out = barePage{Header: resp.Header}
		out.Body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		f.must(err)
	}
	out.Header.Del("Date")
	if out.Header.Get("Content-Encoding") != "gzip" {
		f.Fatalf("%s isn't compressed: %v", path, out.Header)
	}
	return out
}

// uncached asks once for each of many articles that nobody asked for since the start, the database warm, and counts the processor time of the
// program and of Postgres. What compressing the pages takes, for the readers after, is told apart.
func (f *figures) uncached() {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	rows, err := db.Query(f.Context(), `
		SELECT a.path FROM addresses a
		JOIN articles r ON a.article_id = r.id AND a.canonical
		ORDER BY abs((SELECT count(*) FROM live_comments c WHERE c.article_id = r.id) - 30), r.id LIMIT $1`, tableUncached+tableWarm)
	f.must(err)
	paths, err := pgx.CollectRows(rows, pgx.RowTo[string])
	f.must(err)
	warm, paths := paths[tableUncached:], paths[:tableUncached]
	postmaster := f.postmaster()
	var cpu, program []float64
	var waits []time.Duration
	var pages [][]byte
	for round := range tableRounds + 1 {
		f.restart()
		for _, path := range warm { // what a program does once, and what it prepares in the background
			f.get(path)
		}
		f.rest()
		before, base := processorTime(f, f.program.Process.Pid), processorTime(f, postmaster)
		for _, path := range paths {
			began := time.Now()
			text := f.get(path)
			if round > 0 {
				waits = append(waits, time.Since(began))
			} else {
				pages = append(pages, []byte(text))
			}
		}
		if round == 0 {
			continue // the database warms up
		}
		own := processorTime(f, f.program.Process.Pid) - before
		program = append(program, own.Seconds()*1000/float64(len(paths)))
		cpu = append(cpu, (own+processorTime(f, postmaster)-base).Seconds()*1000/float64(len(paths)))
	}
	slices.Sort(waits)
	packing := compression(f, pages)
	f.add("uncached article with about 30 comments", "%.2f CPU-ms (%.2f–%.2f), of them %.2f in Postgres; compressing it twice takes %.2f more; p50 %.1f ms, p95 %.1f ms", median(cpu)-packing, slices.Min(cpu)-packing,
		slices.Max(cpu)-packing, median(cpu)-median(program), packing, share(waits, 0.5), share(waits, 0.95))
}

// rest waits until the program has nothing to do.
func (f *figures) rest() {
	for was, now := time.Duration(-1), processorTime(f, f.program.Process.Pid); now != was; {
		<-time.After(500 * time.Millisecond)
		was, now = now, processorTime(f, f.program.Process.Pid)
	}
}

// compression is the processor time, in milliseconds, of making gzip and brotli of a page as the cache does.
func compression(t testing.TB, pages [][]byte) float64 {
	t.Helper()
	var out bytes.Buffer
	zip, br := gzip.NewWriter(&out), brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: 5, LGWin: 18})
	before := processorTime(t, os.Getpid())
	for _, page := range pages {
		for _, w := range []interface {
			io.WriteCloser
			Reset(io.Writer)
		}{zip, br} {
			out.Reset()
			w.Reset(&out)
			if _, err := w.Write(page); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return (processorTime(t, os.Getpid()) - before).Seconds() * 1000 / float64(len(pages))
}

func share(sorted []time.Duration, of float64) float64 {
	return sorted[min(len(sorted)-1, int(of*float64(len(sorted))))].Seconds() * 1000
}

func (f *figures) postmaster() int {
	b, err := os.ReadFile(filepath.Join(f.cluster.Dir(), "data", "postmaster.pid"))
	f.must(err)
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	f.must(err)
	return pid
}

// get asks for a page without an encoding and gives its text.
func (f *figures) get(path string) string {
	f.Helper()
	text, err := getFrom(f.Context(), f.host, f.host, path)
	f.must(err)
	return text
}

// plainly asks for pages as they are.
var plainly = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}, Timeout: 10 * time.Second}

func getFrom(ctx context.Context, at, host, path string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+path, nil)
	if err != nil {
		return "", err
	}
	r.Host = host
	resp, err := plainly.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, resp.Status)
	}
	return string(b), err
}

// search looks for words of headlines.
func (f *figures) search() {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	rows, err := db.Query(f.Context(), `SELECT DISTINCT (regexp_match(headline, '\w{5,}'))[1] AS word FROM live_articles WHERE headline ~ '\w{5,}' LIMIT $1`, tableSearches)
	f.must(err)
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	f.must(err)
	var waits []time.Duration
	for _, word := range words {
		began := time.Now()
		f.get("/search?q=" + url.QueryEscape(word))
		waits = append(waits, time.Since(began))
	}
	slices.Sort(waits)
	f.add(fmt.Sprintf("search among %d articles", tableArticles), "p50 %.1f ms, p95 %.1f ms", share(waits, 0.5), share(waits, 0.95))
}

// intake posts comments beside pgbench, which inserts rows as wide.
func (f *figures) intake() {
	dir := f.bare()
	var posted, inserted []float64
	for range intakeRounds {
		inserted = append(inserted, f.pgbench(dir))
		posted = append(posted, f.flood(f.open))
	}
	f.add("comments taken in", "%.0f a second (%.0f–%.0f); pgbench %.0f", median(posted), slices.Min(posted), slices.Max(posted), median(inserted))
	f.compare("comments taken in, against pgbench", median(posted)/median(inserted), true)
}

// print writes the table as the README has it.
func (f *figures) print() {
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	fmt.Printf("\nCommit %s, %s, %s, %d processors (%s)\n\n| what | figure |\n| --- | --- |\n", bytes.TrimSpace(commit), runtime.Version(), runtime.GOARCH, runtime.NumCPU(), model())
	for _, r := range f.rows {
		fmt.Printf("| %s | %s |\n", r.name, r.value)
	}
	fmt.Println()
}

// model is what the processor calls itself.
func model() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(b), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimLeft(line, "\t :")
}

var readmeRatio = regexp.MustCompile(`(?m)^\| (.+?) \| ([0-9.]+) × \|$`)

// againstReadme compares the ratios with those that the README promises.
func (f *figures) againstReadme() {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	f.must(err)
	promised := map[string]float64{}
	for _, m := range readmeRatio.FindAllStringSubmatch(string(text), -1) {
		if promised[m[1]], err = strconv.ParseFloat(m[2], 64); err != nil {
			f.Fatal(err)
		}
	}
	for _, r := range f.rows {
		want, ok := promised[r.name]
		if r.ratio == 0 || !ok {
			continue
		}
		if worse := r.ratio / want; r.more && worse < 1/tableWorse || !r.more && worse > tableWorse {
			f.Errorf("%s is %.2f ×, and the README says %.2f ×", r.name, r.ratio, want)
		}
	}
}
