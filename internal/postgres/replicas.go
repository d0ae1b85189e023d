package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Replicated reads readers' pages from the primary or from one of its replicas, so that nobody is shown an older page than this instance has
// already shown.
//
// One replica is read at a time, since each is somewhere else in the past. It is left for the primary as soon as a page changed, and taken
// again when it has replayed what the primary had written then; on the way back from the primary pages wait for a moment, until the replica
// has all that the primary could have shown. While nothing is heard of changes the primary is read. Where that is away, the replica that was
// read last is, unless a page came from the primary since.
//
// A Replicated without replicas reads the primary and costs nothing. All methods may be called by many at once.
type Replicated struct {
	primary  *pgxpool.Pool
	replicas []*replica
	log      *slog.Logger

	mu    sync.Mutex
	at    *replica // nil: the primary is read
	last  *replica // what was read when nothing was heard any more, while no page came from the primary since
	hears bool
	// purges counts what was heard; from after on, a position of the primary, a replica has what was heard up to asked.
	purges, asked uint64
	after         position
	pages         int           // being read from the primary
	idle          chan struct{} // told when pages comes to none while a change is tried; else nil
	held          chan struct{} // closed when new pages may go on; nil: they may
	tried         time.Time     // when a way back to a replica was last tried
}

// position is a place in the primary's log, in bytes.
type position int64

// replica is one as it was last asked. Everything but pool and name is guarded by Replicated.mu.
type replica struct {
	pool   *pgxpool.Pool
	name   string
	up     bool
	at     position
	behind time.Duration // how old the last change it replayed is
}

// How often and how long replicas are asked.
const (
	watchEvery = 100 * time.Millisecond
	watchLimit = time.Second
	holdLimit  = 25 * time.Millisecond // that long pages wait on the way back to a replica
	tryEvery   = 500 * time.Millisecond
)

// NewReplicated reads primary and, when they are as new, replicas. It connects to nothing; Watch does.
func NewReplicated(primary *pgxpool.Pool, replicas []*pgxpool.Pool, log *slog.Logger) *Replicated {
	r := &Replicated{primary: primary, log: log, purges: 1}
	for _, pool := range replicas {
		r.replicas = append(r.replicas, &replica{pool: pool, name: pool.Config().ConnConfig.Host})
	}
	return r
}

// Reading is where one page is read. End must be called when it has been.
type Reading struct {
	readers *Replicated
	from    *replica // nil: the primary
	ended   bool
}

type readingKey struct{}

// Begin chooses where the page that is read with the context it returns comes from, for all its queries. Without Begin queries go to the primary.
func (r *Replicated) Begin(ctx context.Context) (context.Context, *Reading) {
	if len(r.replicas) == 0 {
		return ctx, &Reading{readers: r, ended: true}
	}
	r.mu.Lock()
	for held := r.held; held != nil; held = r.held {
		r.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
		}
		r.mu.Lock()
		if ctx.Err() != nil {
			break
		}
	}
	reading := &Reading{readers: r, from: r.at}
	if reading.from == nil {
		r.pages++
	}
	r.mu.Unlock()
	return context.WithValue(ctx, readingKey{}, reading), reading
}

// End says that the page was read: whole, or not for want of the database.
func (g *Reading) End(whole bool) {
	if g.ended {
		return
	}
	g.ended = true
	if g.from != nil {
		return
	}
	r := g.readers
	r.mu.Lock()
	defer r.mu.Unlock()
	if whole {
		r.last = nil
	}
	if r.pages--; r.pages == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// Again chooses anew for a page that couldn't be read, once it has ended: the primary where a replica failed, which is then left, and the
// replica that was read last where the primary did. It is false where there is no other.
func (g *Reading) Again(ctx context.Context) (context.Context, *Reading, bool) {
	r := g.readers
	if len(r.replicas) == 0 {
		return ctx, g, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := &Reading{readers: r}
	switch {
	case g.from != nil:
		g.from.up = false
		if r.at == g.from {
			r.leave()
		}
		r.pages++
	case r.last != nil:
		next.from = r.last
	default:
		return ctx, g, false
	}
	return context.WithValue(ctx, readingKey{}, next), next, true
}

// Purged says that pages changed: until a replica has the change, the primary is read. It is to be called before anything is thrown away for it.
func (r *Replicated) Purged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purges++
	r.leave()
}

// Hears says whether changes are heard of. It is false until it is called.
func (r *Replicated) Hears(hears bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !hears && !r.hears {
		return // it is said again with every try to hear
	}
	was := r.at
	r.hears = hears
	r.purges++
	r.leave()
	if !hears {
		r.last = was // which the primary, if it has gone, leaves as the newest there is
	}
}

// leave goes to the primary. r.mu is held.
func (r *Replicated) leave() { r.at, r.last = nil, nil }

var _ ReadPool = (*Replicated)(nil)

// pool is where queries with ctx go.
func (r *Replicated) pool(ctx context.Context) *pgxpool.Pool {
	if g, ok := ctx.Value(readingKey{}).(*Reading); ok && g.from != nil {
		return g.from.pool
	}
	return r.primary
}

// Exec is that of ReadPool; with the four that follow a Replicated is one.
func (r *Replicated) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return r.pool(ctx).Exec(ctx, sql, args...)
}

// Query is that of ReadPool.
func (r *Replicated) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return r.pool(ctx).Query(ctx, sql, args...)
}

// QueryRow is that of ReadPool.
func (r *Replicated) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return r.pool(ctx).QueryRow(ctx, sql, args...)
}

// SendBatch is that of ReadPool.
func (r *Replicated) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return r.pool(ctx).SendBatch(ctx, b)
}

// BeginTx is that of ReadPool.
func (r *Replicated) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	return r.pool(ctx).BeginTx(ctx, o)
}

// ReplicaState is one replica as it was last asked, for those who watch over it.
type ReplicaState struct {
	Name   string
	Up     bool          // it answers, and is a replica
	Read   bool          // pages are read from it
	Behind time.Duration // how old the last change is that it replayed; grows also where nothing is written
}

// States tells of the replicas in the order in which they were given.
func (r *Replicated) States() []ReplicaState {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]ReplicaState, 0, len(r.replicas))
	for _, one := range r.replicas {
		out = append(out, ReplicaState{Name: one.name, Up: one.up, Read: one == r.at, Behind: one.behind})
	}
	return out
}

// Watch asks replicas how far they are and changes between them and the primary until ctx ends. Without replicas it returns at once.
func (r *Replicated) Watch(ctx context.Context) {
	var wg sync.WaitGroup
	for _, one := range r.replicas {
		wg.Go(func() { every(ctx, watchEvery, func() { r.ask(ctx, one) }) })
	}
	if len(r.replicas) > 0 {
		wg.Go(func() { every(ctx, watchEvery, func() { r.choose(ctx) }) })
	}
	wg.Wait()
}

func every(ctx context.Context, pause time.Duration, do func()) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

// errNoReplica says that what answers isn't, or no longer, a replica.
var errNoReplica = errors.New("not a replica: it has no log of a primary to replay")

// ask asks one replica how far it is. One that doesn't answer is left.
func (r *Replicated) ask(ctx context.Context, one *replica) {
	at, behind, err := one.position(ctx)
	r.mu.Lock()
	was := one.up
	one.up = err == nil
	if err == nil {
		one.at, one.behind = at, behind
	} else if r.at == one {
		r.leave()
	}
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case was && err != nil:
		r.log.Warn("a replica is away", "replica", one.name, "error", err)
	case !was && err == nil:
		r.log.Info("a replica is there", "replica", one.name)
	}
}

func (one *replica) position(ctx context.Context) (at position, behind time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, watchLimit)
	defer cancel()
	var lsn *int64
	var seconds float64
	err = one.pool.QueryRow(ctx, `
		SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END,
			coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8`).Scan(&lsn, &seconds)
	if err == nil && lsn == nil {
		err = errNoReplica
	}
	if err != nil {
		return 0, 0, err
	}
	return position(*lsn), time.Duration(seconds * float64(time.Second)), nil
}

// written is how far the primary's log is.
func (r *Replicated) written(ctx context.Context) (at position, err error) {
	ctx, cancel := context.WithTimeout(ctx, watchLimit)
	defer cancel()
	err = r.primary.QueryRow(ctx, `SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint`).Scan(&at)
	return at, err
}

// choose asks the primary how far it was after the last change and goes to a replica that is as far.
func (r *Replicated) choose(ctx context.Context) {
	r.mu.Lock()
	purges, known := r.purges, r.asked == r.purges
	wanted := r.hears && r.at == nil
	r.mu.Unlock()
	if !wanted {
		return
	}
	if !known {
		at, err := r.written(ctx)
		if err != nil {
			return // the primary is away; the next turn asks again
		}
		r.mu.Lock()
		// What was heard since isn't surely before this position.
		r.after, r.asked = at, purges
		r.mu.Unlock()
	}
	if to := r.ahead(); to != nil {
		r.change(ctx, to)
	}
}

// ahead is a replica that has all that was heard of, if it is time to try one.
func (r *Replicated) ahead() *replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked != r.purges || time.Since(r.tried) < tryEvery {
		return nil
	}
	var best *replica
	for _, one := range r.replicas {
		if one.up && one.at >= r.after && (best == nil || one.at > best.at) {
			best = one
		}
	}
	return best
}

// change goes to a replica: new pages wait until those that are being read from the primary are done and the replica has whatever these may
// have shown. Where that takes too long, or something is heard meanwhile, the primary goes on being read.
func (r *Replicated) change(ctx context.Context, to *replica) {
	ctx, cancel := context.WithTimeout(ctx, holdLimit)
	defer cancel()
	held, idle := make(chan struct{}), make(chan struct{})
	r.mu.Lock()
	purges := r.purges
	r.held, r.tried = held, time.Now()
	if r.pages > 0 {
		r.idle = idle
	} else {
		close(idle)
	}
	r.mu.Unlock()

	ok := r.reaches(ctx, to, idle)

	r.mu.Lock()
	if ok && r.purges == purges && r.hears && r.pages == 0 {
		r.at, r.last = to, nil
	}
	r.held, r.idle = nil, nil
	r.mu.Unlock()
	close(held)
}

// reaches reports whether a replica comes to where the primary is once no page is read from that any more, before ctx ends.
func (r *Replicated) reaches(ctx context.Context, to *replica, idle <-chan struct{}) bool {
	select {
	case <-idle:
	case <-ctx.Done():
		return false
	}
	want, err := r.written(ctx)
	for err == nil {
		var at position
		if at, _, err = to.position(ctx); err == nil && at >= want {
			return true
		}
	}
	return false
}
