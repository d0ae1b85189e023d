package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"stet/internal/fault"
)

// Blobs is where bytes live: files by the key of their media and their name in it.
type Blobs interface {
	// Put writes a file as a whole or not at all; when it returns nil the file is there after a crash too. A full disk is
	// fault.Unavailable.
	Put(ctx context.Context, key, name string, r io.Reader) error
	// Open gives a file to read; fs.ErrNotExist where there is none.
	Open(ctx context.Context, key, name string) (io.ReadSeekCloser, error)
	// Remove deletes all files of a key; where there are none that is no error.
	Remove(ctx context.Context, key string) error
	// Strip deletes all files of a key but the one named kept; where there are none that is no error.
	Strip(ctx context.Context, key, kept string) error
	// Walk calls do for every file that was there when it began, in no order that means anything, and ends with the error that do returns.
	// Files that come or go meanwhile may be among them.
	Walk(ctx context.Context, do func(Blob) error) error
}

// Blob is a file as Walk finds it.
type Blob struct {
	Key, Name string
	Size      int64
}

// Path is where a file is in a directory or bucket: KEY[:2]/KEY/NAME.
func (b Blob) Path() string { return path.Join(folder(b.Key), b.Name) }

// BlobAt reads such a path; false for what is none of ours.
func BlobAt(at string, size int64) (Blob, bool) {
	parts := strings.Split(at, "/")
	if len(parts) != 3 || path.Dir(at) != folder(parts[1]) || strings.HasSuffix(parts[2], partial) {
		return Blob{}, false
	}
	return Blob{Key: parts[1], Name: parts[2], Size: size}, true
}

// partial ends the name of a file on its way in.
const partial = ".part"

// Dir is Blobs in a directory of this machine: KEY[:2]/KEY/NAME.
type Dir struct{ root *os.Root }

var _ Blobs = (*Dir)(nil)

// OpenDir uses the directory, making it where it isn't there. No name leads out of it.
func OpenDir(dir string) (*Dir, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open media directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open media directory: %w", err)
	}
	return &Dir{root: root}, nil
}

// Close lets the directory go.
func (d *Dir) Close() error { return d.root.Close() }

func folder(key string) string { return path.Join(key[:min(2, len(key))], key) }

// Put implements Blobs.
func (d *Dir) Put(_ context.Context, key, name string, r io.Reader) error {
	err := d.put(folder(key), name, r)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS) {
		err = errors.Join(fault.Unavailable, err)
	}
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", key, name, err)
	}
	return nil
}

func (d *Dir) put(folder, name string, r io.Reader) error {
	if err := d.root.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	part := path.Join(folder, name+"."+rand.Text()+partial) // what an earlier run left unfinished is in nobody's way
	if err := d.write(part, r); err != nil {
		// What is left of it is in nobody's way; the first error is the one to tell.
		_ = d.root.Remove(part)
		return err
	}
	if err := d.root.Rename(part, path.Join(folder, name)); err != nil {
		return err
	}
	return d.sync(folder)
}

func (d *Dir) write(name string, r io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// sync makes the names in a folder last.
func (d *Dir) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open implements Blobs.
func (d *Dir) Open(_ context.Context, key, name string) (io.ReadSeekCloser, error) {
	f, err := d.root.Open(path.Join(folder(key), name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Remove implements Blobs.
func (d *Dir) Remove(_ context.Context, key string) error {
	if err := d.root.RemoveAll(folder(key)); err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	return nil
}

// Strip implements Blobs.
func (d *Dir) Strip(_ context.Context, key, kept string) error {
	if err := d.strip(folder(key), kept); err != nil {
		return fmt.Errorf("strip %s: %w", key, err)
	}
	return nil
}

func (d *Dir) strip(folder, kept string) error {
	f, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, name := range names {
		if name != kept {
			err = errors.Join(err, d.root.Remove(path.Join(folder, name)))
		}
	}
	return errors.Join(err, d.sync(folder))
}

// Walk implements Blobs.
func (d *Dir) Walk(ctx context.Context, do func(Blob) error) error {
	err := fs.WalkDir(d.root.FS(), ".", func(at string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if blob, ok := BlobAt(at, info.Size()); ok {
			return do(blob)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("walk media directory: %w", err)
	}
	return nil
}
