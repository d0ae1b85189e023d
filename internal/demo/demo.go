// Package demo makes a newsroom to look around in: an invented magazine with people, articles, updates and comments in every state.
//
// It tells its story through the methods that people's acts go through, each at its time, so that what it leaves is as valid as what a
// newsroom would. It must never write a table itself, and never be run over a newsroom that somebody works in.
package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Newsroom is the empty newsroom that a Making fills. It works with copies of the stores: theirs go on by their own clock.
type Newsroom struct {
	Staff    *staff.Store
	Settings *settings.Store
	Taxonomy *taxonomy.Store
	Authors  *author.Store
	Media    *media.Store
	Articles *article.Store
	Comments *comment.Store
	Reports  *report.Store
	Reads    *reads.Store
	Fronts   *front.Store
}

// SignIn lets a visitor in as one of the demo's people.
type SignIn struct {
	Role, Name, Email, Password string
}

// Making is the newsroom on its way.
type Making struct {
	newsroom Newsroom
	content  *content
	gallery  *gallery
}

// Begin starts making the pictures' sizes, which needs no database, and returns at once. ctx ends that work.
func (n Newsroom) Begin(ctx context.Context) (*Making, error) {
	c, err := read()
	if err != nil {
		return nil, fmt.Errorf("demo content: %w", err)
	}
	pictures := *n.Media
	m := &Making{newsroom: n, content: c, gallery: newGallery(&pictures, c)}
	go m.gallery.frame(ctx)
	return m, nil
}

// Finish fills the newsroom with what happened in the last month before now, and returns one sign-in for each role; the passwords are
// random and nowhere else. What is scheduled waits for its time. progress is told, from one goroutine at a time, how many steps are done.
//
// It makes one newsroom in an empty database. Where it fails midway the database is to be made anew.
func (m *Making) Finish(ctx context.Context, now time.Time, progress func(done, total int)) ([]SignIn, error) {
	s := newStory(m, now)
	steps := s.steps()
	s.count = counter{total: len(m.content.Staff) + len(m.content.Pictures) + len(steps), tell: progress}
	g, during := errgroup.WithContext(ctx)
	g.Go(func() error { return s.gallery.fill(during, s.count.add) })
	g.Go(func() error { return s.tell(during, steps) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, last := range []func(context.Context) error{s.calm, s.peruse} {
		if err := last(ctx); err != nil {
			return nil, err
		}
	}
	return s.signIns, nil
}

// counter tells the progress of work that goes on in several goroutines.
type counter struct {
	mu          sync.Mutex
	done, total int
	tell        func(done, total int)
}

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.tell(c.done, c.total)
}
