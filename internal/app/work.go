package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"stet/internal/akismet"
	"stet/internal/jobs"
	"stet/internal/limit"
	"stet/internal/pagecache"
	"stet/internal/postgres"
	"stet/internal/reads"
	"stet/internal/staff"
)

// How often each kind of background work looks for something to do.
const (
	dueEvery   = time.Second
	watchEvery = time.Minute
	pruneEvery = time.Hour
	queueEvery = time.Second // to start it; then it looks by itself
	workLimit  = 30 * time.Second
	lastFlush  = 5 * time.Second // while the program ends
)

// Work does what nobody waits for until ctx ends: it hears of other instances' changes, performs what is scheduled, does the jobs
// that wait and keeps the log and the reads. Where STET_WORK is off only the hearing and the reads stay. It returns when all of it has stopped.
func (a *App) Work(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { a.listen(ctx) })
	wg.Go(func() { a.keepReads(ctx) })
	wg.Go(func() { a.reading.Watch(ctx) })
	if a.cfg.Work && a.cdn != nil {
		wg.Go(func() { a.cdn.run(ctx) })
	}
	if a.cfg.Work {
		wg.Go(func() { a.every(ctx, dueEvery, "perform what is due", a.due) })
		wg.Go(func() { a.every(ctx, watchEvery, "watch comments", a.Comments.Watch) })
		wg.Go(func() { a.every(ctx, watchEvery, "end slow modes", a.calm) })
		wg.Go(func() { a.every(ctx, pruneEvery, "prune", a.prune) })
		wg.Go(func() { a.queue(ctx) })
		if a.cfg.AkismetKey != "" {
			service := akismet.New(a.outside, a.cfg.AkismetKey, a.BaseURL(), akismet.Endpoint)
			wg.Go(func() {
				a.every(ctx, watchEvery, "ask about comments", func(ctx context.Context) error { return a.Comments.AskForeign(ctx, service.Spam) })
			})
		}
	}
	wg.Wait()
}

func (a *App) listen(ctx context.Context) {
	err := postgres.Listen(ctx, a.cfg.DatabaseURL, postgres.Listener{
		Channel: postgres.PurgeChannel,
		Notify: func(payload string) {
			tags := strings.Fields(payload)
			a.purge(tags)
			a.cdn.purge(tags...)
		},
		Up: func() {
			a.reading.Hears(true)
			a.drop()
			a.cache.Confirm()
			a.cdn.purge(pagecache.All) // it missed what we did
		},
		Down: func(err error) {
			a.reading.Hears(false)
			a.cache.Suspect()
			a.log.Warn("not hearing of changes", "error", err)
		},
	})
	a.cache.Suspect()
	if ctx.Err() == nil {
		a.log.Error("stopped hearing of changes", "error", err)
	}
}

// purge makes nobody see what is out of date. Replicas, which may not have the change yet, go first, and what pages are made of goes before the pages, or one could be made anew of what is old.
func (a *App) purge(tags []string) {
	a.reading.Purged()
	if slices.Contains(tags, pagecache.All) || slices.Contains(tags, "settings") {
		a.drop()
	}
	a.cache.Purge(tags...)
}

// drop makes the next page ask the database for what it keeps between requests.
func (a *App) drop() {
	a.source.Drop()
	a.site.Drop()
}

// every runs one kind of work again and again. A run that fails is logged and tried at the next turn.
func (a *App) every(ctx context.Context, pause time.Duration, what string, run func(context.Context) error) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !a.ready.Load() {
			continue
		}
		within, cancel := context.WithTimeout(ctx, workLimit)
		if err := run(within); err != nil && ctx.Err() == nil {
			a.log.Error("background work failed", "work", what, "error", err)
		}
		cancel()
	}
}

// queue does what the job queue holds, and begins anew after what went wrong with the queue itself.
func (a *App) queue(ctx context.Context) {
	ticker := time.NewTicker(queueEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !a.ready.Load() {
			continue
		}
		if err := jobs.Run(ctx, a.staff, a.jobs, jobs.Options{Log: a.log}); err != nil && ctx.Err() == nil {
			a.log.Error("background work failed", "work", "job queue", "error", err)
		}
	}
}

// keepReads flushes what this instance counted, again and again and once more when ctx ends.
func (a *App) keepReads(ctx context.Context) {
	a.every(ctx, reads.FlushEvery, "keep reads", a.counter.Flush)
	if !a.ready.Load() {
		return
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	if err := a.counter.Flush(last); err != nil {
		a.log.Error("the last reads are lost", "error", err)
	}
}

func (a *App) due(ctx context.Context) error {
	if _, err := a.Articles.PerformDue(ctx); err != nil {
		return err
	}
	_, err := a.Articles.Sequence(ctx)
	return errors.Join(err, a.Fronts.Turn(ctx))
}

func (a *App) calm(ctx context.Context) error {
	_, err := a.Comments.EndQuiet(ctx)
	return err
}

func (a *App) prune(ctx context.Context) error {
	_, limits := limit.Prune(ctx, a.staff, nil)
	_, sessions := staff.NewSessions(a.staff).Prune(ctx)
	_, addresses := a.Comments.Prune(ctx)
	return errors.Join(limits, sessions, addresses, a.Articles.Prune(ctx), a.Reads.Prune(ctx), a.Media.Retry(ctx))
}
