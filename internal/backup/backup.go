// Package backup writes a whole site into one file and makes the site from it again: the database as Postgres's own programs dump it, then the
// files of its media, then a manifest with counts and hashes of both.
//
// It copies what is there and understands none of it. It must never leave half a file under the name it was given, and never change a
// database before the whole file was read and found sound.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/media"
	"stet/internal/pglocal"
	"stet/internal/postgres"
)

// Site is what is saved or made again.
type Site struct {
	// Address is that of the database, as its owner.
	Address string
	Media   media.Blobs
	// Progress hears how far the work is, Notice what the one who runs it should know; nil: nobody does.
	Progress func(what string, done, total int)
	Notice   func(string)
}

func (s Site) progress(what string, done, total int) {
	if s.Progress != nil {
		s.Progress(what, done, total)
	}
}

func (s Site) notice(format string, args ...any) {
	if s.Notice != nil {
		s.Notice(fmt.Sprintf(format, args...))
	}
}

// Manifest says what is in a file. It stands at its end.
type Manifest struct {
	Format   int            `json:"format"`
	Made     time.Time      `json:"made"`
	Schema   int64          `json:"schema"`   // version of the database's
	Postgres int            `json:"postgres"` // major version of the server
	Programs int            `json:"programs"` // major version of pg_dump
	Rows     map[string]int `json:"rows"`     // by table, in the dump
	Dump     Sum            `json:"dump"`
	Media    Sum            `json:"media"`
}

// Sum is what a part of the file comes to. That of the media is of their names, sizes and hashes in the order in which they stand.
type Sum struct {
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const format = 1

// Part ends the name of a file while it is written.
const Part = ".part"

// Make writes the site into a file, which is there as a whole or not at all. The database is as it was at one moment; then come the files of
// its media, so that whatever a row names is there; those of media deleted meanwhile are not.
func Make(ctx context.Context, s Site, file string) (Manifest, error) {
	m, err := s.make(ctx, file+Part)
	if err == nil {
		err = os.Rename(file+Part, file)
	}
	if err != nil {
		// Where there is none to remove it never began; the first error is the one to tell.
		_ = os.Remove(file + Part)
		return Manifest{}, fmt.Errorf("back up: %w", err)
	}
	return m, syncDir(filepath.Dir(file))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s Site) make(ctx context.Context, part string) (m Manifest, err error) {
	// What is in it is for nobody else's eyes.
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := &writer{f: f}
	m = Manifest{Format: format, Made: time.Now().UTC().Truncate(time.Second)}
	if err := s.dump(ctx, w, &m); err != nil {
		return m, err
	}
	if err := s.copyMedia(ctx, w, &m); err != nil {
		return m, err
	}
	if err := w.manifest(m); err != nil {
		return m, err
	}
	return m, f.Sync()
}

// dump writes the database as it is at one moment, and what the manifest says of it.
func (s Site) dump(ctx context.Context, w *writer, m *Manifest) error {
	pool, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	if m.Postgres, err = serverVersion(ctx, pool); err != nil {
		return err
	}
	programs, err := pglocal.Client(m.Postgres)
	if err != nil {
		return err
	}
	m.Programs = programs.Major
	return moment(ctx, pool, func(at snapshot) error {
		m.Schema, m.Rows = at.schema, at.rows
		s.progress("database", 0, len(at.rows))
		m.Dump, err = w.stream(dumpName, func(to *os.File) error { return s.run(ctx, programs, at, to) })
		return err
	})
}

// open opens a pool for statements that may take long, where the address is one that Postgres's own programs understand too.
func (s Site) open(ctx context.Context) (*pgxpool.Pool, error) {
	if _, err := postgres.ForClient(s.Address); err != nil {
		return nil, err
	}
	return postgres.Open(ctx, s.Address, postgres.Options{MaxConns: 2, StatementTimeout: 24 * time.Hour, AppName: "stet backup"})
}

// copyMedia writes every file there is.
func (s Site) copyMedia(ctx context.Context, w *writer, m *Manifest) error {
	list := newListing()
	total := m.Rows["media"] // each has several files; how many is known at the end
	err := s.Media.Walk(ctx, func(b media.Blob) error {
		f, err := s.Media.Open(ctx, b.Key, b.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted since it was found
		}
		if err != nil {
			return err
		}
		defer f.Close()
		sum, err := w.file(mediaFolder+b.Path(), b.Size, f)
		if err != nil {
			return fmt.Errorf("copy %s: %w", b.Path(), err)
		}
		list.add(b, sum)
		s.progress("media", list.files, max(total, list.files))
		return nil
	})
	m.Media = list.sum()
	return err
}
