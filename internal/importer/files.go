package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/media"
)

// Lengths of a picture's words, in characters.
const (
	maxAlt     = 1000
	maxCaption = 2000
)

// noBytes is the fate of a file that isn't there.
const noBytes = "without their bytes"

// library knows which pictures and files of the old site are stored here.
type library struct {
	byID   map[int64]int64  // by id of the attachment
	byName map[string]int64 // by address
	bySize map[string]int64 // by address without the size in its name
}

// media is a body's Stored.
func (l *library) media(address string, attachment int64) int64 {
	return cmp.Or(l.byName[fileKey(address)], l.byID[attachment], l.bySize[sizeless(fileKey(address))])
}

func (l *library) add(f File, id int64) {
	if f.ID != 0 && l.byID[f.ID] == 0 {
		l.byID[f.ID] = id
	}
	key := fileKey(f.URL)
	for at, key := range map[*map[string]int64]string{&l.byName: key, &l.bySize: sizeless(key)} {
		if key != "" && (*at)[key] == 0 {
			(*at)[key] = id
		}
	}
}

// files brings in every attachment, each in a transaction of its own: with its bytes where the folder has them, else as a picture
// that is known to be missing.
func (r *run) files(ctx context.Context) (err error) {
	r.library = &library{byID: map[int64]int64{}, byName: map[string]int64{}, bySize: map[string]int64{}}
	var dir *os.Root
	if r.opts.MediaDir != "" {
		if dir, err = os.OpenRoot(r.opts.MediaDir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, dir.Close()) }()
	}
	met := map[string]bool{}
	for i, f := range r.survey.Files {
		r.opts.Progress("Pictures and files", i+1, len(r.survey.Files))
		if met[f.Identity] {
			f.Identity += "#" + f.URL
		}
		met[f.Identity] = true
		if err := r.attachment(ctx, dir, f); err != nil {
			return err
		}
	}
	return nil
}

// attachment brings in one. Its picture is decoded before the transaction begins, and not at all where it is here already.
func (r *run) attachment(ctx context.Context, dir *os.Root, f File) error {
	here, err := r.here(ctx, f)
	if err != nil {
		return err
	}
	if here.ID != 0 && here.MissingFrom == "" {
		r.report.count("media", wasHere)
		r.library.add(f, here.ID)
		return nil
	}
	bytes, err := find(dir, f)
	if err != nil {
		return err
	}
	switch {
	case bytes == nil:
		err = r.keepPlace(ctx, f, here, noBytes)
	case r.opts.DryRun: // bytes are only written for good
		err = errors.Join(r.keepPlace(ctx, f, here, isNew), bytes.Close())
	default:
		err = errors.Join(r.bring(ctx, f, here, bytes), bytes.Close())
	}
	if why, ok := refused(err); ok {
		r.report.count("media", leftOut)
		r.report.list(leftOut, f.name()+": "+why)
		return nil
	}
	return err
}

// here is what an earlier run made of the file; the zero value where there was none, or it was deleted since.
func (r *run) here(ctx context.Context, f File) (media.Media, error) {
	id, err := r.memory.target(ctx, r.Pool, refMedia, f.Identity)
	if err != nil || id == 0 {
		return media.Media{}, err
	}
	found, err := media.ByIDs(ctx, r.Pool, []int64{id})
	return found[id], err
}

// keepPlace keeps a place for a file whose bytes aren't there.
func (r *run) keepPlace(ctx context.Context, f File, here media.Media, fate string) error {
	if here.ID != 0 {
		fate = wasHere
	} else {
		err := r.tx(ctx, func(tx pgx.Tx) (err error) {
			here, err = r.Media.AddMissing(ctx, tx, r.actor, media.Missing{URL: f.URL, Alt: clip(f.Alt, maxAlt), Caption: clip(f.Caption, maxCaption)})
			if err != nil {
				return err
			}
			return r.remember(ctx, tx, f, here.ID)
		})
		if err != nil {
			return err
		}
	}
	r.report.count("media", fate)
	if fate != isNew {
		r.report.list(missing, f.name())
	}
	r.library.add(f, here.ID)
	return nil
}

// bring stores a file with its bytes, or gives them to the place that was kept for it.
func (r *run) bring(ctx context.Context, f File, here media.Media, bytes io.Reader) (err error) {
	up, err := r.Media.Prepare(ctx, media.Upload{
		Name: path.Base(filePath(f)), Reader: bytes, Alt: clip(f.Alt, maxAlt), Caption: clip(f.Caption, maxCaption),
	})
	if err != nil {
		return err
	}
	var m media.Media
	err = r.tx(ctx, func(tx pgx.Tx) error {
		if here.ID != 0 {
			m, err = r.Media.FillTx(ctx, tx, r.actor, here.ID, up)
			return err
		}
		if m, err = r.Media.InsertTx(ctx, tx, r.actor, up); err != nil {
			return err
		}
		return r.remember(ctx, tx, f, m.ID)
	})
	if err != nil {
		return errors.Join(err, r.Media.Discard(ctx, up))
	}
	r.report.count("media", map[bool]string{true: "given their bytes", false: isNew}[here.ID != 0])
	r.library.add(f, m.ID)
	return nil
}

func (r *run) remember(ctx context.Context, tx pgx.Tx, f File, id int64) error {
	if _, err := r.memory.claim(ctx, tx, refMedia, f.Identity, digestOf(f.URL)); err != nil {
		return err
	}
	return r.memory.became(ctx, tx, refMedia, f.Identity, id)
}

// find opens the file in the folder, by the path it had under the uploads, else by its name alone; nil where it isn't there.
func find(dir *os.Root, f File) (io.ReadCloser, error) {
	if dir == nil {
		return nil, nil // no folder, no bytes
	}
	whole := filePath(f)
	for _, name := range []string{f.Path, underUploads(whole), strings.TrimPrefix(whole, "/"), path.Base(whole)} {
		name = strings.TrimPrefix(path.Clean("/"+name), "/")
		if name == "" {
			continue
		}
		at, err := dir.Open(name)
		if err != nil {
			continue // absent, or leading out of the folder: not there
		}
		info, err := at.Stat()
		if err == nil && info.Mode().IsRegular() {
			return at, nil
		}
		if err := errors.Join(err, at.Close()); err != nil {
			return nil, err
		}
	}
	return nil, nil // the caller lists it as missing
}

// filePath is the path of the file's address.
func filePath(f File) string {
	u, err := url.Parse(f.URL)
	if err != nil {
		return ""
	}
	return u.Path
}

// underUploads is the part of a path that lies under the folder into which WordPress uploads.
func underUploads(p string) string {
	for _, folder := range []string{"/uploads/", "/files/"} {
		if _, below, ok := strings.Cut(p, folder); ok {
			return below
		}
	}
	return ""
}

func (f File) name() string {
	s := "line " + decimal(int64(f.line)) + ": "
	if f.ID != 0 {
		s += decimal(f.ID) + " "
	}
	return s + clip(f.URL, 200)
}

// leadPicture is the article's featured image, with the words that stand with it.
func (r *run) leadPicture(e *entry, d *article.Draft) {
	if e.it.Thumbnail == 0 {
		return
	}
	d.Image = r.library.byID[e.it.Thumbnail]
	f, ok := r.survey.File(e.it.Thumbnail)
	if d.Image == 0 || !ok {
		e.say(lookAt, "its lead picture "+decimal(e.it.Thumbnail)+" is not in the export, or couldn't be taken")
		return
	}
	d.ImageAlt, d.ImageCaption = clip(f.Alt, maxAlt), clip(f.Caption, maxCaption)
}
