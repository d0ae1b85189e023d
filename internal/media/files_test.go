package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"
	"testing"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/staff"
)

// mpeg is n frames of silence of 128 kilobits at 44,100 hertz.
func mpeg(n int) []byte {
	frame := make([]byte, 417)
	copy(frame, []byte{0xFF, 0xFB, 0x90, 0x00})
	return bytes.Repeat(frame, n)
}

// adts is n empty frames of AAC.
func adts(n int) []byte {
	return bytes.Repeat([]byte{0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC, 0, 0, 0, 0, 0, 0, 0, 0, 0}, n)
}

// box is one of an MP4 file.
func box(name string, content []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(content))), name...), content...)
}

// mp4 is a file with one track of a kind.
func mp4(kind string) []byte {
	return bytes.Join([][]byte{box("ftyp", []byte("isom\x00\x00\x02\x00mp41")), box("free", nil), box("moov", box("trak", box("hdlr", []byte("\x00\x00\x00\x00\x00\x00\x00\x00"+kind)))), box("mdat", []byte("x"))}, nil)
}

func ogg(first string) []byte {
	return append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13"), first...)
}

func tagged(sound []byte) []byte {
	return append([]byte("ID3\x03\x00\x00\x00\x00\x02\x00"+strings.Repeat("\x00", 256)), sound...)
}

// TestFileKinds: what a file is, its bytes say and never its name.
func TestFileKinds(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	wav := append([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), make([]byte, 32)...)
	for _, test := range []struct {
		name, mime, served string
		data               []byte
	}{
		{"The Convention of 1931.PDF", "application/pdf", "the-convention-of-1931.pdf", []byte("%PDF-1.7\nwords")},
		{"../../etc/passwd.pdf", "application/pdf", "passwd.pdf", []byte("%PDF-2.0\nwords")},
		{"a\"b\nc\u202Efdp.exe", "application/pdf", "unnamed.pdf", []byte("%PDF-1.4\n")},
		{"договор.pdf", "application/pdf", "file.pdf", []byte("%PDF-1.4\n")},
		{"-.pdf", "application/pdf", "file.pdf", []byte("%PDF-1.4\n")},
		{strings.Repeat("long ", 80) + ".pdf", "application/pdf", strings.Repeat("long-", 12)[:59] + ".pdf", []byte("%PDF-1.4\n")},
		{"talk.html", "audio/mpeg", "talk.mp3", mpeg(3)},
		{"talk.mp3", "audio/mpeg", "talk.mp3", tagged(mpeg(3))},
		{"talk.mp3", "audio/aac", "talk.aac", adts(3)},
		{"talk", "audio/mp4", "talk.m4a", mp4("soun")},
		{"talk.oga", "audio/ogg", "talk.ogg", ogg("\x01vorbis")},
		{"talk.ogg", "audio/ogg", "talk.opus", ogg("OpusHead")},
		{"talk.wav", "audio/wav", "talk.wav", wav},
	} {
		m, err := store.Add(t.Context(), staff.System(), upload(test.name, test.data))
		if err != nil {
			t.Errorf("%q: %v", test.name, err)
			continue
		}
		f, ok := m.File()
		if m.MIME != test.mime || len(m.Variants) != 1 || m.Variants[0].Name != test.served || !ok || f.Bytes != int64(len(test.data)) || f.Audio != strings.HasPrefix(test.mime, "audio/") {
			t.Errorf("%q: %s, %v, %+v", test.name, m.MIME, m.Variants, f)
		}
		if !m.Picture().Missing {
			t.Errorf("%q is shown as a picture", test.name)
		}
		w := get(store, "GET", f.URL)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), test.data) || w.Header().Get("Content-Type") != test.mime {
			t.Errorf("%s: %d %s", f.URL, w.Code, w.Header().Get("Content-Type"))
		}
		want := ""
		if test.mime == "application/pdf" {
			want = "attachment; filename*=UTF-8''" + test.served
		}
		if got := w.Header().Get("Content-Disposition"); got != want {
			t.Errorf("%s: Content-Disposition %q, want %q", f.URL, got, want)
		}
	}
	if n := len(files(t, dir)); n != 2*13 {
		t.Errorf("%d files of 13 uploads", n)
	}
}

// TestNoFiles: what only looks like a file that is taken is refused, and leaves nothing behind.
func TestNoFiles(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	page := []byte("<!doctype html><script>alert(1)</script>")
	for name, data := range map[string][]byte{
		"a page":                 page,
		"a page with a comment":  []byte("<!-- %PDF-1.7 --><script>alert(1)</script>"),
		"white space and a page": append([]byte("\n\n %PDF-1.7"), page...),
		"PDF of no version":      []byte("%PDF-x\n"),
		"a tag and a page":       tagged(page),
		"a tag alone":            tagged(nil),
		"a short tag":            []byte("ID3\x03"),
		"a tag without end":      append([]byte("ID3\x03\x00\x00\x7F\x7F\x7F\x7F"), page...),
		"one frame":              mpeg(1)[:417],
		"a sync and a page":      append([]byte{0xFF, 0xFB, 0x90, 0x00}, page...),
		"a film":                 mp4("vide"),
		"a film with sound":      append(mp4("vide"), mp4("soun")...),
		"boxes without end":      bytes.Repeat(box("free", nil), 1000),
		"a box of no length":     append(box("ftyp", []byte("M4A \x00\x00\x00\x00")), 0, 0, 0, 0, 'f', 'r', 'e', 'e'),
		"a box larger than all":  append(box("ftyp", []byte("M4A \x00\x00\x00\x00")), 0, 0, 0, 1, 'f', 'r', 'e', 'e', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF),
		"Ogg of a film":          append(ogg("\x80theora"), ogg("\x01vorbis")...),
		"Ogg of nothing":         ogg(""),
		"RIFF of another kind":   []byte("RIFF\x24\x00\x00\x00AVI LIST0000"),
		"an archive":             []byte("PK\x03\x04 %PDF-1.7"),
		"a program":              []byte("\x7fELF\x02\x01\x01"),
	} {
		_, err := store.Add(t.Context(), staff.System(), upload("a.pdf", data))
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields["file"] != "media.file.type" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestPolyglot: a document that is also a page can't become one: not by its type, not by its name, not within a frame.
func TestPolyglot(t *testing.T) {
	t.Parallel()
	store, _, _ := library(t)
	m, err := store.Add(t.Context(), staff.System(), upload("invoice.html", []byte("%PDF-1.7\n<script>alert(document.domain)</script>\nPK\x03\x04")))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := m.File()
	h := get(store, "GET", f.URL).Header()
	if h.Get("Content-Type") != "application/pdf" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("served with %v", h)
	}
	for _, name := range []string{"original", "invoice.html", "invoice.pdf.html", "original.pdf", "other.pdf"} {
		if w := get(store, "GET", "/media/"+m.Key+"/"+name); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	withheld := m
	withheld.WithheldAt = &m.CreatedAt
	if _, ok := withheld.File(); ok {
		t.Error("a withheld file is handed over")
	}
	if _, ok := (media.Media{MissingFrom: "https://a.example/a.pdf", Variants: m.Variants}).File(); ok {
		t.Error("a missing file is handed over")
	}
}
