package media

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bep/imagemeta"

	"stet/internal/markup"
)

// Found are the words that a picture's file carries, as cameras and agencies write them. Of where it was taken nothing is read.
type Found struct{ Alt, Caption, Credit string }

// The fields that are read, in the order in which they are believed.
var (
	altFields     = []string{"XMP AltTextAccessibility"}
	captionFields = []string{"XMP Description", "IPTC Caption-Abstract", "EXIF ImageDescription"}
	makerFields   = []string{"XMP Creator", "IPTC By-line", "EXIF Artist"}
	agencyFields  = []string{"XMP Credit", "IPTC Credit", "XMP Source", "IPTC Source"}
	rightsFields  = []string{"XMP Rights", "IPTC CopyrightNotice", "EXIF Copyright"}
)

// maxWords is the longest field that is read, in bytes.
const maxWords = 8 << 10

// inspect reads how a camera was held, 1 upright and 2 to 8 as the Exif standard numbers them, and the words. Whatever can't be read isn't
// there: a picture with odd metadata is still a picture.
func inspect(f io.ReadSeeker, kind imagemeta.ImageFormat) (turn int, found Found) {
	turn, fields := 1, map[string]string{}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return turn, found
	}
	// What was read before a fault is as good as without it.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: f, ImageFormat: kind, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP, Timeout: time.Second, LimitTagSize: maxWords,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Source != imagemeta.EXIF || t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && t.Source == imagemeta.EXIF && t.Tag == "Orientation" && v >= 1 && v <= 8 {
				turn = int(v)
			}
			fields[t.Source.String()+" "+t.Tag] = words(t.Value)
			return nil
		},
	})
	return turn, Found{Alt: pick(fields, altFields), Caption: pick(fields, captionFields), Credit: credit(fields)}
}

// words is the text of a field that may have several values.
func words(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	}
	return ""
}

// byCamera are captions that cameras write into every picture.
var byCamera = []string{"olympus", "sony dsc", "dcim", "digital camera", "kodak", "minolta", "default"}

func pick(fields map[string]string, names []string) string {
	for _, name := range names {
		s := markup.Line(fields[name])
		if s == "" || len(s) > maxWords || !utf8.ValidString(s) || markup.BadLine(s) {
			continue
		}
		if lower := strings.ToLower(s); len(s) < 40 && containsAny(lower, byCamera) {
			continue
		}
		return s
	}
	return ""
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// credit names who made the picture and for whom; where the file says neither, whose it is.
func credit(fields map[string]string) string {
	who, whom := pick(fields, makerFields), pick(fields, agencyFields)
	switch {
	case who == "" && whom == "":
		return pick(fields, rightsFields)
	case who == "" || strings.Contains(whom, who):
		return whom
	case whom == "" || strings.Contains(who, whom):
		return who
	}
	return who + " / " + whom
}

// under cuts what was found to what the words of media may be; nothing in it is trusted.
func (f Found) under() Found {
	cut := func(s string, long int) string {
		s = markup.Line(s)
		if !utf8.ValidString(s) || markup.BadLine(s) {
			return ""
		}
		if r := []rune(s); len(r) > long {
			s = strings.TrimSpace(string(r[:long-1])) + "…"
		}
		return s
	}
	return Found{Alt: cut(f.Alt, maxAlt), Caption: cut(f.Caption, maxCaption), Credit: cut(f.Credit, maxCredit)}
}
