// Package app composes one http.Handler and the background work from a configuration and the database: the only room that sees every other.
//
// It must hold no rule, no SQL and no page of its own beyond the answers given while the site itself can't answer.
package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/audit"
	"stet/internal/author"
	"stet/internal/card"
	"stet/internal/comment"
	"stet/internal/config"
	"stet/internal/front"
	"stet/internal/importer"
	"stet/internal/jobs"
	"stet/internal/mail"
	"stet/internal/media"
	"stet/internal/newsroom"
	"stet/internal/outbound"
	"stet/internal/page"
	"stet/internal/pagecache"
	"stet/internal/poster"
	"stet/internal/postgres"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
	"stet/web"
)

// Options are what a command decides besides the configuration.
type Options struct {
	Log *slog.Logger
	// Web is a directory whose templates and assets are reread at each request; empty: those built in.
	Web string
	// Now is the wall clock that pages are dated by; nil: the machine's.
	Now func() time.Time
	// Inside are addresses of this machine that stand for the outside in tests; nothing else sets it.
	Inside []netip.AddrPort
}

// App is the whole program over one database.
type App struct {
	cfg     config.Config
	log     *slog.Logger
	staff   *pgxpool.Pool        // stet_app
	readers *pgxpool.Pool        // stet_reader
	copies  []*pgxpool.Pool      // stet_reader at replicas
	reading *postgres.Replicated // where a reader's page is read
	handler http.Handler
	now     func() time.Time // the wall clock pages are dated by
	ready   atomic.Bool      // the database answered with the right schema once
	leaving atomic.Bool      // shutting down: not ready for new visitors
	source  *settings.Source
	site    *site.Site
	outside *outbound.Client
	jobs    *jobs.Handlers
	counter *reads.Counter
	cache   *pagecache.Cache
	cdn     *cdn // nil: there is none to tell
	rereads bool // templates, at each request
	blobs   media.Blobs
	lanes   *lanes
	refusal refusal

	// The nouns, for commands that act in the newsroom's name.
	Articles *article.Store
	Comments *comment.Store
	Reports  *report.Store
	Staff    *staff.Store
	Taxonomy *taxonomy.Store
	Authors  *author.Store
	Fronts   *front.Store
	Media    *media.Store
	Settings *settings.Store
	Reads    *reads.Store
}

// Pools' sizes: readers' pages are many and short.
const (
	staffConns  = 12
	readerConns = 16
)

// New makes the program. It connects to nothing: a database that is away is waited for by Wait.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	a := &App{cfg: cfg, log: o.Log, now: o.Now, rereads: o.Web != "", lanes: newLanes()}
	if a.now == nil {
		a.now = time.Now
	}
	var err error
	if a.staff, err = postgres.Open(ctx, cfg.DatabaseURL, postgres.Options{MaxConns: staffConns, Slow: o.Log}); err != nil {
		return nil, err
	}
	readers := postgres.Readers()
	readers.MaxConns, readers.Slow, readers.RoleIfGranted = readerConns, o.Log, true
	if a.readers, err = postgres.Open(ctx, cfg.DatabaseURL, readers); err != nil {
		a.staff.Close()
		return nil, err
	}
	for _, url := range cfg.ReplicaURLs {
		pool, err := postgres.Open(ctx, url, readers)
		if err != nil {
			a.Close()
			return nil, fmt.Errorf("replica: %w", err)
		}
		a.copies = append(a.copies, pool)
	}
	a.reading = postgres.NewReplicated(a.readers, a.copies, o.Log)
	if err := a.compose(o); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// compose makes the nouns and the faces and joins them to one handler.
func (a *App) compose(o Options) error {
	blobs, err := OpenBlobs(a.cfg)
	if err != nil {
		return err
	}
	a.blobs = blobs
	a.source = settings.NewSource(a.staff)
	a.Settings = settings.New(a.staff)
	a.Articles = article.New(a.staff, a.source)
	a.Articles.Home = a.cfg.BaseURL
	a.Comments = comment.New(a.staff, a.cfg.Secret, a.cfg.SecretOld)
	a.Reports = report.New(a.staff, article.NewReader(a.reading), a.cfg.Secret, a.cfg.SecretOld)
	a.Comments.AlsoErase, a.Comments.AlsoCopy = a.Reports.Erase, a.Reports.Copy
	a.Staff = staff.New(a.staff)
	a.Taxonomy = taxonomy.New(a.staff)
	a.Authors = author.New(a.staff)
	a.Fronts = front.New(a.staff, a.Articles)
	a.Media = media.New(a.staff, blobs)
	a.Settings.Shows = showsPictures
	a.Reads = reads.New(a.staff)
	a.counter = reads.NewCounter(a.Reads, a.now)
	a.cache, a.cdn = a.newPages(), newCDN(a.cfg.Purge, a.log)
	a.Media.AVIF = a.cfg.AVIF

	a.outside = outbound.New(outbound.Options{Site: a.BaseURL(), Also: o.Inside})

	set, assets, err := a.pages(o)
	if err != nil {
		return err
	}
	a.site = site.New(site.Deps{Set: set, Assets: assets, Articles: article.NewReader(a.reading), Fronts: front.NewReader(a.reading), Comments: comment.NewReader(a.reading), Intake: a.Comments,
		Reports: a.Reports, Credits: report.NewReader(a.reading),
		Taxonomy: taxonomy.NewReader(a.reading), Authors: author.NewReader(a.reading), Media: media.NewReader(a.reading), Settings: a.source, Reads: a.counter, Posters: poster.New(), Blobs: blobs, Drafts: a.drafts,
		Mails: a.cfg.SMTP != nil, BaseURL: a.cfg.BaseURL, ClientIP: clientIP, Classify: classify, Now: a.now, Log: a.log})
	desk := newsroom.New(newsroom.Deps{Set: set, Assets: assets, Articles: a.Articles, Comments: a.Comments, Reports: a.Reports, Staff: a.Staff, Sessions: staff.NewSessions(a.staff), Taxonomy: a.Taxonomy, Authors: a.Authors, Fronts: a.Fronts,
		Media: a.Media, Cards: card.New(a.outside, a.Media), Settings: a.Settings, Reads: a.Reads, Audit: audit.New(a.staff), Source: a.source, Site: a.site,
		BaseURL: a.cfg.BaseURL, ClientIP: clientIP, Classify: classify, Now: a.now, Log: a.log})
	a.jobs = jobs.NewHandlers()
	post := a.mail(set)
	comment.NewMailer(a.Comments, post).Handle(a.jobs)
	article.NewMailer(a.Articles, post).Handle(a.jobs)
	a.Articles.HandleRelated(a.jobs)
	a.Media.Handle(a.jobs)
	a.handler = a.door(a.site, desk, assets, a.Media.Handler())
	return nil
}

// showsPictures notes which pictures the settings show on every page.
func showsPictures(ctx context.Context, tx pgx.Tx, pictures []int64) error {
	return media.Uses(ctx, tx, "settings:1", pictures, true)
}

// mail is what sends letters.
func (a *App) mail(set *page.Set) *mail.Sender {
	return mail.New(mail.Options{Server: a.cfg.SMTP, From: a.cfg.MailFrom, Base: a.cfg.BaseURL, Set: set, Settings: a.source, Log: a.log})
}

// drafts finds pictures for previews, which show what isn't public yet.
func (a *App) drafts(ctx context.Context, ids []int64) (map[int64]media.Media, error) {
	return media.ByIDs(ctx, a.staff, ids)
}

// pages reads templates and assets: those built in, or those of a directory that is reread at each request.
func (a *App) pages(o Options) (*page.Set, *page.Assets, error) {
	var files fs.FS = web.FS
	if o.Web != "" {
		files = os.DirFS(o.Web)
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, nil, err
	}
	assets := page.NewAssets(static)
	return page.NewSet(files, assets, page.Options{Reload: o.Web != ""}), assets, nil
}

// Importer takes whole sites into this newsroom.
func (a *App) Importer() importer.Newsroom {
	return importer.Newsroom{Pool: a.staff, Articles: a.Articles, Comments: a.Comments, Taxonomy: a.Taxonomy, Authors: a.Authors, Media: a.Media, Settings: a.Settings}
}

// Handler is the site with its newsroom.
func (a *App) Handler() http.Handler { return a.handler }

// BaseURL is the site's origin.
func (a *App) BaseURL() string { return a.cfg.BaseURL.String() }

// Close ends all connections to the database.
func (a *App) Close() {
	for _, pool := range a.copies {
		pool.Close()
	}
	a.readers.Close()
	a.staff.Close()
}
