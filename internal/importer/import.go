package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/postgres"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Newsroom is where a site is imported into.
type Newsroom struct {
	Pool     *pgxpool.Pool // the newsroom's, over which all the stores stand too
	Articles *article.Store
	Comments *comment.Store
	Taxonomy *taxonomy.Store
	Authors  *author.Store
	Media    *media.Store
	Settings *settings.Store
}

// Options of an import. The zero value imports, without bytes of pictures and without a word about it.
type Options struct {
	MediaDir string // the old site's uploads directory, or one with the files lying flat
	DryRun   bool   // do it all, then undo it
	// Progress is told how many of total are done of the work named; nil tells nobody.
	Progress func(what string, done, total int)
}

// errDryRun ends the one transaction of a dry run.
var errDryRun = errors.New("dry run")

// run is one import at work.
type run struct {
	Newsroom
	opts   Options
	file   string
	survey *Survey
	memory memory
	report *Report
	actor  staff.Actor
	zone   *time.Location
	lang   string
	now    time.Time // the database's, when the import began

	// tx runs a step in a transaction of its own; in a dry run all of them are savepoints of one that is rolled back.
	tx func(ctx context.Context, step func(pgx.Tx) error) error

	tree       taxonomy.Tree
	categories map[string]string // slug here, by key in the source
	tags       map[string]string // name here
	authors    map[string]string // slug here, by login
	library    *library
	met        map[string]bool  // identities of this run
	pages      map[int64]*stood // where each page stands, by its id
	waiting    map[string]bool  // identities of pages whose parent comes later in the file
}

// WordPress imports the WordPress export in file. It reads the file once to see that it is whole and what it declares, then item by
// item, each in one transaction: all of it or nothing. What can't be taken is in the report with its reason, and the rest goes on.
// The same file again adds and changes nothing. It returns a *FileError for what is no whole export, before anything is written;
// any other error ends the import between two items, and running it again goes on from there.
func (n Newsroom) WordPress(ctx context.Context, file string, opts Options) (*Report, error) {
	survey, err := skimFile(file)
	if err != nil {
		return nil, err
	}
	is, err := n.Settings.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	r := &run{
		Newsroom: n, opts: opts, file: file, survey: survey, memory: memory{survey.Site.Source()}, actor: staff.System(),
		zone: is.Location(), lang: survey.Site.language(is.Language),
		report:     newReport(survey.Site, survey.Repairs, opts.DryRun),
		categories: map[string]string{}, tags: map[string]string{}, authors: map[string]string{},
		met: map[string]bool{}, pages: map[int64]*stood{}, waiting: map[string]bool{},
	}
	if r.now, err = r.asOf(ctx); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	if r.opts.Progress == nil {
		r.opts.Progress = func(string, int, int) {}
	}
	if opts.DryRun {
		err = r.dry(ctx)
	} else {
		r.tx = func(ctx context.Context, step func(pgx.Tx) error) error { return postgres.InTx(ctx, n.Pool, step) }
		err = r.all(ctx)
	}
	return r.report, err
}

func skimFile(file string) (*Survey, error) {
	f, err := os.Open(file) // the file is what the operator names
	if err != nil {
		return nil, err
	}
	survey, err := Skim(f)
	return survey, errors.Join(err, f.Close())
}

// dry does everything in one transaction and rolls it back.
func (r *run) dry(ctx context.Context) error {
	err := postgres.InTx(ctx, r.Pool, func(tx pgx.Tx) error {
		r.tx = func(ctx context.Context, step func(pgx.Tx) error) error { return pgx.BeginFunc(ctx, tx, step) }
		if err := r.all(ctx); err != nil {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return err
}

func (r *run) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.names, r.files, r.items} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	return nil
}

// items reads the file a second time. Pages whose parent comes behind them wait for another reading: one item is held at a time.
func (r *run) items(ctx context.Context) error {
	for again := false; ; again = true {
		before := len(r.waiting)
		if err := r.reading(ctx, again); err != nil {
			return err
		}
		switch len(r.waiting) {
		case 0:
			return nil
		case before: // parents that wait for each other, or were left out
			r.survey.forgetParents()
		}
	}
}

func (r *run) reading(ctx context.Context, again bool) (err error) {
	f, err := os.Open(r.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	done := 0
	for it, err := range Items(io.Reader(f)) {
		if err != nil {
			return err
		}
		if done++; !again {
			r.opts.Progress("Importing", done, r.survey.Items)
		}
		key := r.identity(it)
		if again && !r.waiting[key] {
			continue
		}
		if err := r.item(ctx, it, key); err != nil {
			return fmt.Errorf("%s: %w", it.name(), err)
		}
	}
	clear(r.met)
	return nil
}

// identity is the item's key in this source: of several that claim one, each after the first is told apart by what it says.
func (r *run) identity(it *Item) string {
	key := it.Identity()
	if it.Kind == Other {
		return key
	}
	if r.met[key] {
		key = it.SecondIdentity()
	}
	r.met[key] = true
	return key
}

// refusal is why this room itself can't take an item.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(why string) error { return refusal(why) }

// refused says why something can't be taken as it is; false for errors that aren't about it.
func refused(err error) (why string, ok bool) {
	if why, is := errors.AsType[refusal](err); is {
		return string(why), true
	}
	if in, is := errors.AsType[*fault.Invalid](err); is {
		return in.Error(), true
	}
	return "", false
}
