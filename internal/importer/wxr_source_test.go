package importer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func mended(in io.Reader) (string, *source, error) {
	s, err := newSource(in, 1000)
	if err != nil {
		return "", nil, err
	}
	out, err := io.ReadAll(s)
	return string(out), s, err
}

func TestSourceMends(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"clean", "<a>ä 本 😀 ]] &amp; &eacute; &#233; &#xE9;</a>", "<a>ä 本 😀 ]] &amp; &eacute; &#233; &#xE9;</a>"},
		{"byte order mark", "\xef\xbb\xbf<a/>", "<a/>"},
		{"controls", "<a>x\x0by\x00z\x7f</a>", "<a>xyz\x7f</a>"},
		{"controls in CDATA", "<a><![CDATA[x\x0b\x1fy]]></a>", "<a><![CDATA[xy]]></a>"},
		{"controls by number", "<a>x&#11;y&#x0;z&#xFFFF;</a>", "<a>xyz</a>"},
		{"characters XML has not", "<a>x\uFFFEy\uFFFF</a>", "<a>xy</a>"},
		{"broken UTF-8", "<a>x\xff\xe4y\xe2\x82</a>", "<a>x\uFFFD\uFFFDy\uFFFD\uFFFD</a>"},
		{"broken at the end", "<a>\xe2", "<a>\uFFFD"},
		{"bare ampersands", "<a b='?c&d=1'>R&D & &nosuch; &; &#; &#x; &amp</a>", "<a b='?c&amp;d=1'>R&amp;D &amp; &amp;nosuch; &amp;; &amp;#; &amp;#x; &amp;amp</a>"},
		{"ampersands in CDATA", "<![CDATA[a & b &nosuch;]]>", "<![CDATA[a & b &nosuch;]]>"},
		{"comment", "<a>x<!-- & < -- \n ---->y<!----></a>", "<a>xy</a>"},
		{"comment in CDATA", "<![CDATA[<!-- x -->]]>", "<![CDATA[<!-- x -->]]>"},
		{"instruction", "<?xml version='1.1'?><a><?php echo '>' ?>x</a>", "<a>x</a>"},
		{"end of CDATA in text", "<a>x]]>y]]</a>", "<a>x]]&gt;y]]</a>"},
		{"brackets at the end of CDATA", "<![CDATA[x]]]]]>", "<![CDATA[x]]]]]>"},
		{"quoted angle", "<a b='>'>&x</a>", "<a b='>'>&amp;x</a>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				if got, _, err := mended(r); err != nil || got != c.want {
					t.Errorf("mended(%q)\n got %q, %v\nwant %q", c.in, got, err, c.want)
				}
			}
		})
	}
}

func TestSourceEncodings(t *testing.T) {
	latin, err := charmap.Windows1252.NewEncoder().String("<a>ä€</a>")
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("<a>ä€</a>")
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{
		"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" + latin, "\n<?xml version='1.0' encoding='windows-1252' ?>" + latin, wide,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>ä€</a>",
	} {
		if got, _, err := mended(strings.NewReader(in)); err != nil || strings.TrimSpace(got) != "<a>ä€</a>" {
			t.Errorf("mended(%q) = %q, %v", in, got, err)
		}
	}
	if _, _, err := mended(strings.NewReader("<?xml version='1.0' encoding='klingon'?>")); err == nil || err.Error() != `line 1: the encoding "klingon" is not known` {
		t.Errorf("unknown encoding: %v", err)
	}
}

func TestSourceRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		line int
	}{
		{"\n<!DOCTYPE rss [<!ENTITY a \"aa\">]><rss>", 2},
		{"<a>\n<!ELEMENT x>", 2},
		{"<a>\n<!-- never\nends", 3},
		{"<a>\n<" + strings.Repeat("x", maxTag+1), 2},
	} {
		_, _, err := mended(strings.NewReader(c.in))
		var fe *FileError
		if !errors.As(err, &fe) || fe.Line != c.line {
			t.Errorf("mended(%.40q) = %v, want an error in line %d", c.in, err, c.line)
		}
	}
}

// Lines are counted where they are, also after what was dropped.
func TestSourceCountsLines(t *testing.T) {
	in := "\n\n<!-- \n\n --><a>\x0b\n<![CDATA[\n\n]]>\n&x"
	_, s, err := mended(strings.NewReader(in))
	if err != nil || s.line != strings.Count(in, "\n")+1 {
		t.Errorf("line = %d, %v, want %d", s.line, err, strings.Count(in, "\n")+1)
	}
	if r := s.repairs; r.Controls != 1 || r.ControlLine != 5 || r.Ampersands != 1 || r.AmpersandLine != 9 {
		t.Errorf("repairs = %+v", r)
	}
}

func TestSourceCutsLongTexts(t *testing.T) {
	for _, in := range []string{"<a>\n%s</a>", "<a>\n<![CDATA[%s]]></a>"} {
		for _, fill := range []string{"x", "本", "&"} {
			got, s, err := mended(strings.NewReader(fmt.Sprintf(in, strings.Repeat(fill, 1100))))
			if err != nil || s.cutLine != 2 || !strings.HasSuffix(got, "</a>") || len(got) > 6*1100 {
				t.Errorf("%q of %q: %d bytes, cut in line %d, %v", in, fill, len(got), s.cutLine, err)
			}
		}
	}
}
