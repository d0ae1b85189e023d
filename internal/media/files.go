package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"

	"stet/internal/fault"
)

// fileKind is a kind of file that is kept without being decoded: a document to download or a sound to listen to.
type fileKind struct{ mime, ext string }

// The kinds of files by what their bytes are. A name never says what a file is. The endings stand in served, too.
var (
	pdf  = fileKind{"application/pdf", ".pdf"}
	mp3  = fileKind{"audio/mpeg", ".mp3"}
	aac  = fileKind{"audio/aac", ".aac"}
	m4a  = fileKind{"audio/mp4", ".m4a"}
	ogg  = fileKind{"audio/ogg", ".ogg"}
	opus = fileKind{"audio/ogg", ".opus"}
	wav  = fileKind{"audio/wav", ".wav"}
)

// fileWords are what people call the kinds, by the end of the served name.
var fileWords = map[string]string{".pdf": "PDF", ".mp3": "MP3", ".aac": "AAC", ".m4a": "M4A", ".ogg": "Ogg", ".opus": "Opus", ".wav": "WAV"}

// File is what readers get of media that is no picture.
type File struct {
	URL   string
	MIME  string
	Word  string // what people call its kind: PDF, MP3
	Bytes int64  // 0 where they were not counted
	Audio bool   // it can be listened to where it stands
}

// File is how the file is handed over now; false where there is none: of a picture, of what is missing or withheld.
func (m Media) File() (File, bool) {
	if m.Width > 0 || len(m.Variants) == 0 || m.WithheldAt != nil || m.MissingFrom != "" {
		return File{}, false
	}
	v := m.Variants[0]
	return File{URL: m.URL(v), MIME: v.MIME, Word: fileWords[path.Ext(v.Name)], Bytes: max(int64(v.Bytes), m.Bytes), Audio: strings.HasPrefix(v.MIME, "audio/")}, true
}

// headLength is how much of a file tells what it is, save where a tag or a long list of parts stands first.
const headLength = 64 << 10

// kindOf tells by the bytes what kind of file f is. What is none of them is a fault of the field file.
func kindOf(f io.ReadSeeker) (fileKind, error) {
	head, err := at(f, 0, headLength)
	if err != nil {
		return fileKind{}, err
	}
	var kind fileKind
	var ok bool
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-1.")), bytes.HasPrefix(head, []byte("%PDF-2.")):
		kind, ok = pdf, true
	case bytes.HasPrefix(head, []byte("ID3")) && len(head) > 10:
		kind, ok, err = behindTag(f, head)
	case bytes.HasPrefix(head, []byte("OggS")):
		kind, ok = inOgg(head)
	case len(head) > 16 && string(head[:4]) == "RIFF" && string(head[8:16]) == "WAVEfmt ":
		kind, ok = wav, true
	case len(head) > 12 && string(head[4:8]) == "ftyp":
		ok, err = onlySound(f)
		kind = m4a
	default:
		kind, ok = frames(head)
	}
	if err != nil {
		return fileKind{}, err
	}
	if !ok {
		return fileKind{}, fault.Field("file", "media.file.type")
	}
	return kind, nil
}

// at reads up to n bytes of f from an offset.
func at(f io.ReadSeeker, offset int64, n int) ([]byte, error) {
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:n], nil
}

// behindTag looks for sound after an ID3 tag, whose length stands in seven bits of each of four bytes: the tag alone makes no sound of a file.
func behindTag(f io.ReadSeeker, head []byte) (fileKind, bool, error) {
	var length int64
	for _, b := range head[6:10] {
		length = length<<7 | int64(b&0x7F)
	}
	sound, err := at(f, 10+length, headLength)
	if err != nil {
		return fileKind{}, false, err
	}
	kind, ok := frames(bytes.TrimLeft(sound, "\x00"))
	return kind, ok, nil
}

// inOgg reads what the first page of an Ogg file holds.
func inOgg(head []byte) (fileKind, bool) {
	page := head[:min(len(head), 512)]
	switch {
	case bytes.Contains(head, []byte("\x80theora")):
		return fileKind{}, false // a film
	case bytes.Contains(page, []byte("OpusHead")):
		return opus, true
	case bytes.Contains(page, []byte("\x01vorbis")), bytes.Contains(page, []byte("\x7FFLAC")):
		return ogg, true
	}
	return fileKind{}, false
}

// Of the boxes of an MP4 file so many are looked at, and so much of the one that lists its tracks.
const (
	maxBoxes  = 64
	maxTracks = 4 << 20
)

// onlySound tells an MP4 file with sound alone from a film and from a picture, by the tracks it lists.
func onlySound(f io.ReadSeeker) (bool, error) {
	var from int64
	for range maxBoxes {
		box, err := at(f, from, 16)
		if err != nil || len(box) < 16 {
			return false, err
		}
		size, name := int64(binary.BigEndian.Uint32(box)), string(box[4:8])
		if size == 1 {
			size = int64(min(binary.BigEndian.Uint64(box[8:]), MaxBytes+1))
		}
		if name == "moov" {
			tracks, err := at(f, from, int(min(max(size, 0), maxTracks)))
			return bytes.Contains(tracks, []byte("soun")) && !bytes.Contains(tracks, []byte("vide")), err
		}
		if size < 8 || size > MaxBytes {
			return false, nil
		}
		from += size
	}
	return false, nil
}

// frames tells MPEG audio by two frames, each of which begins where the one before it ends.
func frames(b []byte) (fileKind, bool) {
	twice := func(length func([]byte) int) bool {
		n := length(b)
		return n > 0 && n < len(b) && length(b[n:]) > 0
	}
	if twice(adtsFrame) {
		return aac, true
	}
	return mp3, twice(mpegFrame)
}

// Bit rates in kilobits and sampling rates in hertz of MPEG audio, by the number in a frame's header.
var (
	bitRates1  = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	bitRates2  = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	sampleRate = [4]int{44100, 48000, 32000}
)

// mpegFrame is the length of the MPEG layer III frame at the start of b, its header included; 0 where there is none.
func mpegFrame(b []byte) int {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE6 != 0xE2 {
		return 0
	}
	version, rate := b[1]>>3&3, sampleRate[b[2]>>2&3]
	bits, slot := bitRates1[b[2]>>4], 144
	switch version {
	case 1:
		return 0
	case 0:
		rate /= 4
	case 2:
		rate /= 2
	}
	if version != 3 {
		bits, slot = bitRates2[b[2]>>4], 72
	}
	if rate == 0 || bits == 0 {
		return 0
	}
	return slot*bits*1000/rate + int(b[2]>>1&1)
}

// adtsFrame is the length of the AAC frame at the start of b; 0 where there is none.
func adtsFrame(b []byte) int {
	if len(b) < 7 || b[0] != 0xFF || b[1]&0xF6 != 0xF0 || b[2]>>2&15 > 12 {
		return 0
	}
	n := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5)
	if n < 7 {
		return 0
	}
	return n
}

// prepareFile keeps what isn't a picture, as it came, under the name at which readers get it.
func (s *Store) prepareFile(ctx context.Context, p *Prepared, f io.ReadSeeker) error {
	kind, err := kindOf(f)
	if err != nil {
		return err
	}
	p.mime = kind.mime
	p.variants = []Variant{{Name: servedName(p.name, kind), MIME: kind.mime, Bytes: int(p.bytes)}}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.blobs.Put(ctx, p.key, p.variants[0].Name, f)
}

// maxServedName is how long the name of a served file may be, without its ending.
const maxServedName = 60

// servedName is the name under which a file goes to readers, made of the one it was uploaded with: letters and digits of ASCII and
// hyphens between them, since it stands in an address and names the file on their disk.
func servedName(name string, kind fileKind) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSuffix(name, path.Ext(name))) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	clean := strings.Trim(b.String()[:min(b.Len(), maxServedName)], "-")
	if clean == "" {
		clean = "file"
	}
	return clean + kind.ext
}
