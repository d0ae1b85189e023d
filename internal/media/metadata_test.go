package media_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stet/internal/media"
	"stet/internal/staff"
)

// carried lists what a file carries besides its picture: metadata, profiles, comments.
func carried(data []byte, mime string) []string {
	parts, plain := map[string]func([]byte) []string{"image/jpeg": jpegParts, "image/png": pngParts, "image/webp": webpParts, "image/avif": avifParts}[mime], map[string]bool{
		"ff d8": true, "ff db": true, "ff c0": true, "ff c2": true, "ff c4": true, "ff dd": true, "ff da": true, "ff d9": true,
		"IHDR": true, "PLTE": true, "tRNS": true, "IDAT": true, "IEND": true,
		"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true,
	}
	if parts == nil {
		return []string{"unknown type " + mime}
	}
	return slices.DeleteFunc(parts(data), func(p string) bool { return plain[p] })
}

// jpegParts lists the markers up to the first scan, and what follows the last.
func jpegParts(b []byte) (parts []string) {
	for len(b) >= 4 && b[0] == 0xff {
		marker := fmt.Sprintf("ff %02x", b[1])
		parts = append(parts, marker)
		switch b[1] {
		case 0xd8:
			b = b[2:]
		case 0xda:
			if end := bytes.Index(b, []byte{0xff, 0xd9}); end != len(b)-2 {
				parts = append(parts, "something after the scan")
			}
			return parts
		default:
			b = b[min(len(b), 2+int(binary.BigEndian.Uint16(b[2:]))):]
		}
	}
	return append(parts, "no scan")
}

func pngParts(b []byte) (parts []string) {
	for b = b[8:]; len(b) >= 12; {
		parts = append(parts, string(b[4:8]))
		b = b[min(len(b), 12+int(binary.BigEndian.Uint32(b))):]
	}
	return parts
}

func webpParts(b []byte) (parts []string) {
	for b = b[12:]; len(b) >= 8; {
		parts = append(parts, string(b[:4]))
		size := int(binary.LittleEndian.Uint32(b[4:]))
		b = b[min(len(b), 8+size+size&1):]
	}
	return parts
}

func avifParts(b []byte) (parts []string) {
	for _, name := range []string{"Exif", "mime", "prof", "rICC", "xml "} {
		if bytes.Contains(b, []byte(name)) {
			parts = append(parts, name)
		}
	}
	return parts
}

// checkServed checks that no file which readers get of a picture carries anything beside it.
func checkServed(t *testing.T, dir string, m media.Media) (n int) {
	t.Helper()
	for i, v := range m.Variants {
		if parts := carried(variant(t, dir, m, i), v.MIME); len(parts) > 0 {
			t.Errorf("%s of %s carries %q", v.Name, m.Name, parts)
		}
		n++
	}
	return n
}

func segment(marker byte, body string) string {
	return string([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// exif makes Exif data of IFD0's texts and a position.
func exif(description, artist, rights string) string {
	le := binary.LittleEndian
	head := []byte("II*\x00\x08\x00\x00\x00")
	type field struct {
		tag  uint16
		text string
	}
	texts := slices.DeleteFunc([]field{{0x010e, description}, {0x013b, artist}, {0x8298, rights}}, func(f field) bool { return f.text == "" })
	entries, data := le.AppendUint16(nil, uint16(len(texts)+1)), []byte{}
	at := 8 + 2 + 12*(len(texts)+1) + 4
	for _, t := range texts {
		entries = le.AppendUint16(le.AppendUint16(entries, t.tag), 2)
		entries = le.AppendUint32(le.AppendUint32(entries, uint32(len(t.text)+1)), uint32(at+len(data)))
		data = append(data, t.text+"\x00"...)
	}
	entries = le.AppendUint16(le.AppendUint16(entries, 0x8825), 4) // where it was taken
	entries = le.AppendUint32(le.AppendUint32(entries, 1), uint32(at+len(data)))
	entries = le.AppendUint32(entries, 0)
	gps := le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, 1), 1), 2)
	gps = append(le.AppendUint32(gps, 2), "N\x00\x00\x00\x00\x00\x00\x00"...)
	return "Exif\x00\x00" + string(slices.Concat(head, entries, data, gps))
}

// iptc makes the block of an agency.
func iptc(fields map[byte]string) string {
	var records string
	for n, text := range fields {
		records += string([]byte{0x1c, 2, n, byte(len(text) >> 8), byte(len(text))}) + text
	}
	return "Photoshop 3.0\x008BIM\x04\x04\x00\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(len(records)))) + records + strings.Repeat("\x00", len(records)&1)
}

func xmp(attributes string) string {
	return "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
		`<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" ` + attributes + `/></rdf:RDF></x:xmpmeta>`
}

// A picture's own words begin its words here, where the upload has none; none of them, nor its place, profile and comments, is served.
func TestEveryWordOfAPicture(t *testing.T) {
	t.Parallel()
	store, db, dir := library(t)
	plain := asJPEG(t, gradient(450, 280, false))
	rest := segment(0xe2, "ICC_PROFILE\x00\x01\x01 MARKER") + segment(0xfe, "MARKER")
	for name, test := range map[string]struct {
		segments, alt, caption, credit string
		up                             media.Upload
	}{
		"exif":   {segments: segment(0xe1, exif("MARKER bridge", "A. Photographer", "MARKER rights")), caption: "MARKER bridge", credit: "A. Photographer"},
		"iptc":   {segments: segment(0xed, iptc(map[byte]string{120: "MARKER river", 80: "A. Photographer", 110: "MARKER Agency"})), caption: "MARKER river", credit: "A. Photographer / MARKER Agency"},
		"rights": {segments: segment(0xed, iptc(map[byte]string{116: "(c) MARKER"})), credit: "(c) MARKER"},
		"xmp":    {segments: segment(0xe1, xmp(`photoshop:Credit="MARKER" Iptc4xmpCore:AltTextAccessibility="A MARKER"`)), alt: "A MARKER", credit: "MARKER"},
		"camera": {segments: segment(0xe1, exif("OLYMPUS DIGITAL CAMERA", "", ""))},
		"own": {segments: segment(0xe1, exif("MARKER bridge", "A. Photographer", "")), up: media.Upload{Caption: "Mine", Credit: "Me"},
			caption: "Mine", credit: "Me"},
		"odd": {segments: segment(0xe1, exif("MARKER \u202e bridge", "\x01\x02\x03\x04", "")), caption: "MARKER bridge"},
	} {
		test.up.Name, test.up.Reader = name+".jpg", strings.NewReader("\xff\xd8"+test.segments+rest+string(plain[2:]))
		m, err := store.Add(t.Context(), staff.System(), test.up)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Alt != test.alt || m.Caption != test.caption || m.Credit != test.credit {
			t.Errorf("%s: %q, %q, %q, want %q, %q, %q", name, m.Alt, m.Caption, m.Credit, test.alt, test.caption, test.credit)
		}
		if m = developed(t, store, m.ID); checkServed(t, dir, m) < 10 {
			t.Errorf("%s: variants %v", name, variantNames(m))
		}
		for i := range m.Variants {
			if bytes.Contains(variant(t, dir, m, i), []byte("MARKER")) {
				t.Errorf("%s of %s carries a word of the original", m.Variants[i].Name, name)
			}
		}
	}
	var places int
	if err := db.App.QueryRow(t.Context(), `SELECT count(*) FROM media m WHERE m::text ~ 'GPS'`).Scan(&places); err != nil || places > 0 {
		t.Errorf("%d rows say where a picture was taken, %v", places, err)
	}
}

// Real pictures are taken at the size they are shown at; broken and hostile ones are refused with a message, or taken, and never crash. What is
// refused takes little time and memory, and nothing that is served carries anything besides the picture.
func TestEveryPictureOfCorpus(t *testing.T) {
	t.Parallel()
	readable := map[string]bool{"jpeg": true, "png": true, "gif": true, "webp": true, "avif": true}
	for _, folder := range []string{"images", "images-hostile"} {
		dir := corpus(t, folder)
		if dir == "" {
			continue
		}
		store, _, kept := library(t)
		refused, taken, files, most := map[string]int{}, 0, 0, media.Cost{}
		for _, f := range facts(t, dir) {
			name := filepath.Join(dir, f.File)
			m, err := add(t.Context(), store, name)
			if err != nil {
				why := refusal(t, f.File, err)
				refused[why]++
				c := costOfRefusal(t, name)
				most.CPU, most.Peak = max(most.CPU, c.CPU), max(most.Peak, c.Peak)
				if f.Decodes == true && readable[f.Magic] && !damaged(f.File) {
					t.Errorf("%s is refused: %v", f.File, err)
				}
				continue
			}
			taken++
			if w, h := f.shown(); f.Decodes == true && !damaged(f.File) && (m.Width != w || m.Height != h) || !readable[f.Magic] {
				t.Errorf("%s: %dx%d, want %dx%d", f.File, m.Width, m.Height, w, h)
			}
			m = developed(t, store, m.ID)
			if m.State != media.Ready {
				t.Errorf("%s is %s: %s", f.File, m.State, m.Why)
			}
			files += checkServed(t, kept, m)
		}
		t.Logf("%s: %d taken, %d files of them carry nothing else; refused %v, at most %.2f s of a processor and %d MiB", folder, taken, files, refused, most.CPU.Seconds(), most.Peak>>20)
		if limit := 200 << 20; most.Peak > limit {
			t.Errorf("refusing took %d bytes", most.Peak)
		}
	}
}

// refusal is the word to the person.
func refusal(t *testing.T, file string, err error) string {
	t.Helper()
	for _, key := range []string{"empty", "type", "broken", "pixels", "slow", "heavy"} {
		if strings.Contains(err.Error(), "media.file."+key) {
			return key
		}
	}
	t.Errorf("%s: %v, want a message for the person", file, err)
	return "?"
}

func costOfRefusal(t *testing.T, name string) media.Cost {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, _ := media.Measured(t.Context(), f, false, "") // what it says was looked at already
	return c
}

// With vipsthumbnail there are the same files of the same sizes, and AVIF too where that is wanted; they carry nothing else either.
func TestVips(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	vips := media.New(nil, nil).Vips
	if vips == "" {
		t.Log("no vipsthumbnail here")
		return
	}
	for name, data := range map[string][]byte{"a.jpg": asJPEG(t, gradient(900, 500, false)), "b.png": asPNG(t, gradient(500, 300, true))} {
		store.Vips, store.AVIF = "", false
		first, err := store.Add(t.Context(), staff.System(), upload(name, data))
		if err != nil {
			t.Fatal(err)
		}
		plain := developed(t, store, first.ID)
		store.Vips = vips
		second, err := store.Add(t.Context(), staff.System(), upload(name, data))
		if err != nil {
			t.Fatal(err)
		}
		quick := developed(t, store, second.ID)
		if !slices.Equal(variantNames(plain), variantNames(quick)) {
			t.Errorf("with vipsthumbnail: %v, want %v", variantNames(quick), variantNames(plain))
		}
		for i, v := range quick.Variants {
			got, _, err := image.Decode(bytes.NewReader(variant(t, dir, quick, i)))
			want, _, _ := image.Decode(bytes.NewReader(variant(t, dir, plain, i)))
			if err != nil || got.Bounds() != want.Bounds() || difference(got, want) > 12 {
				t.Errorf("%s of %s: %v, %v", v.Name, name, got, err)
			}
		}
		checkServed(t, dir, quick)
		store.AVIF = true
		third, err := store.Add(t.Context(), staff.System(), upload(name, data))
		if err != nil {
			t.Fatal(err)
		}
		best := developed(t, store, third.ID)
		if p := best.Picture(); best.State != media.Ready || len(p.Sources) != 2 || p.Sources[0].Type != "image/avif" || checkServed(t, dir, best) <= len(quick.Variants) {
			t.Errorf("with AVIF: %s %s %v", best.State, best.Why, variantNames(best))
		}
	}
}
