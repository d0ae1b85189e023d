package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"stet/internal/media"
)

// What stands in a file: an ordinary tar, in this order.
const (
	dumpName     = "database.dump" // pg_dump's custom format
	mediaFolder  = "media/"        // followed by the names that the directory of media has
	manifestName = "manifest.json"

	block       = 512
	maxManifest = 1 << 20
)

// writer writes a file part by part.
type writer struct{ f *os.File }

// header is the head of one part. Only with this format is that of a short name one block long whatever the size.
func header(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatGNU})
	return b.Bytes(), err
}

// stream writes a part whose size only its end tells, and puts the head before it then.
func (w *writer) stream(name string, write func(to *os.File) error) (Sum, error) {
	at, err := w.f.Seek(block, io.SeekCurrent)
	if err != nil {
		return Sum{}, err
	}
	if err := write(w.f); err != nil {
		return Sum{}, err
	}
	end, err := w.f.Seek(0, io.SeekEnd)
	if err != nil {
		return Sum{}, err
	}
	head, err := header(name, end-at)
	if err != nil {
		return Sum{}, err
	}
	if _, err := w.f.WriteAt(head, at-block); err != nil {
		return Sum{}, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(w.f, at, end-at)); err != nil {
		return Sum{}, err
	}
	return Sum{Files: 1, Bytes: end - at, SHA256: hex.EncodeToString(sum.Sum(nil))}, w.pad(end - at)
}

// pad fills the last block of a part.
func (w *writer) pad(size int64) error {
	_, err := w.f.Write(make([]byte, (block-size%block)%block))
	return err
}

// errChanged says that a file isn't as long as it was said to be.
var errChanged = errors.New("it changed while it was copied")

// file writes a part of known size and gives its hash.
func (w *writer) file(name string, size int64, r io.Reader) ([]byte, error) {
	head, err := header(name, size)
	if err != nil {
		return nil, err
	}
	if _, err := w.f.Write(head); err != nil {
		return nil, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w.f, sum), io.LimitReader(r, size+1))
	if err != nil {
		return nil, err
	}
	if n != size {
		return nil, errChanged
	}
	return sum.Sum(nil), w.pad(size)
}

// manifest writes the last part and the end of a tar.
func (w *writer) manifest(m Manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if _, err := w.file(manifestName, int64(len(b)), bytes.NewReader(b)); err != nil {
		return err
	}
	_, err = w.f.Write(make([]byte, 2*block))
	return err
}

// listing sums up media as they go by.
type listing struct {
	files int
	bytes int64
	hash  hash.Hash
}

func newListing() *listing { return &listing{hash: sha256.New()} }

func (l *listing) add(b media.Blob, sum []byte) {
	l.files++
	l.bytes += b.Size
	fmt.Fprintf(l.hash, "%x %d %s\n", sum, b.Size, b.Path())
}

func (l *listing) sum() Sum {
	return Sum{Files: l.files, Bytes: l.bytes, SHA256: hex.EncodeToString(l.hash.Sum(nil))}
}

// ErrDamaged says that a file isn't a backup, or no longer a whole one.
var ErrDamaged = errors.New("not a whole backup")

// contents are what a file is read for; a nil function passes over its part.
type contents struct {
	dump  func(io.Reader) error
	media func(media.Blob, io.Reader) error
}

// read goes through a file from its start and gives the manifest. A file that isn't as Make writes it is ErrDamaged.
func read(file string, c contents) (m Manifest, err error) {
	f, err := os.Open(file)
	if err != nil {
		return m, err
	}
	defer f.Close()
	t := tar.NewReader(bufio.NewReaderSize(f, 1<<20))
	for part := 0; ; part++ {
		h, err := t.Next()
		switch {
		case err != nil:
			return m, fmt.Errorf("%w: %w", ErrDamaged, err) // the end, too: the manifest would have stood before it
		case part == 0 && h.Name != dumpName:
			return m, fmt.Errorf("%w: it begins with %q", ErrDamaged, h.Name)
		case part == 0:
			err = c.ofDump(t)
		case h.Name == manifestName && h.Size <= maxManifest:
			if err := json.NewDecoder(t).Decode(&m); err != nil {
				return m, fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
			}
			if m.Format != format {
				return m, fmt.Errorf("a backup of format %d, and this program knows %d", m.Format, format)
			}
			return m, nil
		default:
			err = c.ofMedia(h, t)
		}
		if err != nil {
			return m, err
		}
	}
}

func (c contents) ofDump(r io.Reader) error {
	if c.dump == nil {
		return nil
	}
	return c.dump(r)
}

func (c contents) ofMedia(h *tar.Header, r io.Reader) error {
	at, ok := strings.CutPrefix(h.Name, mediaFolder)
	b, known := media.BlobAt(at, h.Size)
	if !ok || !known || h.Typeflag != tar.TypeReg {
		return fmt.Errorf("%w: it has %q in it", ErrDamaged, h.Name)
	}
	if c.media == nil {
		return nil
	}
	return c.media(b, r)
}

// Check reads a whole file and compares it with its manifest.
func Check(file string, progress func(done, total int)) (Manifest, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Manifest{}, err
	}
	dump, list, done := Sum{Files: 1}, newListing(), int64(0)
	into := func(r io.Reader) ([]byte, int64, error) {
		sum := sha256.New()
		n, err := io.Copy(sum, &counting{r: r, add: func(n int) {
			done += int64(n)
			progress(megabytes(done), megabytes(info.Size()))
		}})
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return sum.Sum(nil), n, err
	}
	m, err := read(file, contents{
		dump: func(r io.Reader) error {
			sum, n, err := into(r)
			dump.Bytes, dump.SHA256 = n, hex.EncodeToString(sum)
			return err
		},
		media: func(b media.Blob, r io.Reader) error {
			sum, _, err := into(r)
			list.add(b, sum)
			return err
		},
	})
	switch {
	case err != nil:
		return m, err
	case m.Dump != dump:
		return m, fmt.Errorf("%w: the database in it isn't what the manifest says", ErrDamaged)
	case m.Media != list.sum():
		return m, fmt.Errorf("%w: the media in it aren't what the manifest says", ErrDamaged)
	}
	return m, nil
}

func megabytes(n int64) int { return int(n >> 20) }

// counting tells how much is read.
type counting struct {
	r   io.Reader
	add func(n int)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.add(n)
	return n, err
}
