// Package seed fills an empty newsroom with as much synthetic content as a load test wants: categories, authors, articles with their
// records, and threads of approved comments, spread over the last ten years. The articles' words are made up, or those of given texts; their
// pictures are those that the newsroom already holds.
//
// All of it goes through the Load of articles and of comments, which make records and counts with the same functions as people's acts do. It
// must never write a table itself. The same seed makes the same content; only dates, ids and receipts differ.
package seed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Newsroom is what Run fills. It works with copies of the stores that load: theirs go on by their own clock.
type Newsroom struct {
	Staff    *staff.Store
	Settings *settings.Store
	Taxonomy *taxonomy.Store
	Authors  *author.Store
	Media    *media.Store
	Articles *article.Store
	Comments *comment.Store
}

// Options say how much is made. Comments are spread unevenly: few articles have most of them.
type Options struct {
	Articles, Comments, Authors, Categories int

	Texts []Text // what articles say, in an order of chance and again from the beginning where they are few; none: made-up words
	Seed  uint64 // the same number makes the same content
	Brief bool   // texts are short, as those of very many articles are anyhow
}

// much is how many articles make a site so large that its texts are kept short, so that a million articles with ten million comments find
// room in 25 GB and are made in half an hour.
const much = 20_000

// past is the time over which articles are spread.
const past = 10 * 365 * 24 * time.Hour

// maxWorkers keeps connections of the newsroom's pool free for others.
const maxWorkers = 8

// editor is the person in whose name everything is made. Nobody knows the password.
const editor = "seed@stet.example"

// Run makes the content in parallel and tells progress, from one goroutine at a time, how many articles and comments are done. It is for an
// empty database, but may be run again with another seed: slugs that are taken get numbers. What was made before an error stays.
func Run(ctx context.Context, n Newsroom, o Options, progress func(done, total int)) error {
	if o.Articles < 0 || o.Comments < 0 || o.Authors < 0 || o.Categories < 0 || o.Articles == 0 && o.Comments > 0 {
		return errors.New("seed: numbers must not be negative, and comments need articles")
	}
	s := &sowing{Newsroom: n, Options: o, now: time.Now(), languages: languages(o.Seed), tell: progress, least: 200, most: 1000, talk: 8}
	if o.Brief || o.Articles > much {
		s.least, s.most, s.talk = 60, 240, 3
	}
	articles, comments := *n.Articles, *n.Comments
	s.Newsroom.Articles, s.Newsroom.Comments = &articles, &comments
	articles.Now, comments.Now = time.Now, time.Now
	for _, i := range s.random(forTexts, 0).Perm(len(o.Texts)) {
		s.texts = append(s.texts, o.Texts[i])
	}
	for _, step := range []func(context.Context) error{s.ready, s.hire, s.arrange, s.introduce, s.look, s.sow} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// sowing is one run. Once sow begins all but the count of what is done is only read.
type sowing struct {
	Newsroom
	Options
	now       time.Time
	languages []*language
	actor     staff.Actor
	sections  []string // slugs of categories
	names     []string // slugs of authors
	texts     []Text
	pictures  []media.Line
	threads   []int // number of comments by article

	least, most int // words of an article
	talk        int // most sentences of a comment

	mu   sync.Mutex
	done int
	tell func(done, total int)
}

// random is a source of its own for one thing that is made, so that it comes out the same whoever makes it.
func (s *sowing) random(what uint64, i int) *mathrand.Rand {
	return mathrand.New(mathrand.NewPCG(s.Seed, what<<48|uint64(i)))
}

// What random is for.
const (
	forArticle = iota
	forComments
	forAuthor
	forThreads
	forTexts
)

// ready refuses a site that takes no comments before half of the work is done.
func (s *sowing) ready(ctx context.Context) error {
	is, err := s.Settings.Load(ctx)
	if err == nil && s.Options.Comments > 0 && is.Comments == "closed" {
		err = errors.New("comments are closed on this site")
	}
	return err
}

func (s *sowing) hire(ctx context.Context) error {
	p, err := s.Staff.ByEmail(ctx, staff.System(), editor)
	if errors.Is(err, fault.NotFound) {
		p, err = s.Staff.Add(ctx, staff.System(), staff.NewPerson{Email: editor, Name: "Seed", Password: rand.Text(), Roles: staff.Roles{staff.Editor}})
	}
	s.actor = staff.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
	return err
}

// arrange makes the categories: one in four at the top, the others below those.
func (s *sowing) arrange(ctx context.Context) error {
	var roots []int64
	english := s.languages[0]
	for i := range s.Categories {
		in := taxonomy.CategoryIn{Name: title(english.word(300 + i)), Position: i, AnySlug: true}
		in.Description = "Everything about " + in.Name + "."
		if i >= (s.Categories+3)/4 {
			in.ParentID = roots[i%len(roots)]
		}
		c, err := s.Taxonomy.Create(ctx, s.actor, in)
		if err != nil {
			return err
		}
		if in.ParentID == 0 {
			roots = append(roots, c.ID)
		}
		s.sections = append(s.sections, c.Slug)
	}
	return nil
}

func (s *sowing) introduce(ctx context.Context) error {
	for i := range s.Options.Authors {
		w := s.languages[0].writer(s.random(forAuthor, i))
		a, err := s.Newsroom.Authors.Create(ctx, s.actor, author.In{Name: w.name(), Role: "Correspondent", Biography: "<p>" + w.sentences(4) + "</p>", AnySlug: true})
		if err != nil {
			return err
		}
		s.names = append(s.names, a.Slug)
	}
	return nil
}

// look finds pictures for the articles.
func (s *sowing) look(ctx context.Context) (err error) {
	s.pictures, err = s.Media.List(ctx, media.Filter{Pictures: true})
	return err
}

// sow makes all articles, each with its comments, by several workers.
func (s *sowing) sow(ctx context.Context) error {
	s.threads = share(s.random(forThreads, 0), s.Options.Comments, s.Options.Articles)
	var next atomic.Int64
	g, within := errgroup.WithContext(ctx)
	for range min(maxWorkers, 2*runtime.GOMAXPROCS(0)) {
		g.Go(func() error {
			h := &hand{sowing: s}
			for {
				to := int(next.Add(batch))
				from := to - batch
				if from >= s.Options.Articles {
					return nil
				}
				if err := h.sow(within, from, min(to, s.Options.Articles)); err != nil {
					return fmt.Errorf("article %d of %d: %w", from+1, s.Options.Articles, err)
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	// Those who were at it at the same time left the log to each other.
	for {
		if n, err := s.Newsroom.Articles.Sequence(ctx); n == 0 || err != nil {
			return err
		}
	}
}

func (s *sowing) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done += n
	s.tell(s.done, s.Options.Articles+s.Options.Comments)
}

// share spreads total over n articles as readers do: the most discussed has about a hundred times as many as one in the middle.
func share(r *mathrand.Rand, total, n int) []int {
	const flat = 10 // the larger, the more even
	weight, sum := func(rank int) float64 { return 1 / float64(rank+flat) }, 0.0
	for rank := range n {
		sum += weight(rank)
	}
	out := make([]int, n)
	left := total
	order := r.Perm(n)
	for rank, i := range order {
		out[i] = int(float64(total) * weight(rank) / sum)
		left -= out[i]
	}
	for k := 0; left > 0; k++ {
		out[order[k%n]]++
		left--
	}
	return out
}

func title(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}
