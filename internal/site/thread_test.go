package site

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/page"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ilse Brandt": "IB", "ilse": "I", "Maren Okafor-Lind": "MO", "Jean de la Tour": "JT", "M.": "M", "\u00e9mile zola": "ÉZ", "e\u0301mile": "É", "Ǆ": "ǅ",
		"김민수": "김", "محمد علي": "م", "(Tom) [W]": "TW", "4chan 9": "4", "🙂": "·", "": "·", "-- --": "·", "ßen": "ß", "\u202eevil": "E",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestNest puts comments where they belong also when what they answer isn't on the page.
func TestNest(t *testing.T) {
	said := func(id int64, deeper bool, parent int64, path ...int64) comment.Live {
		return comment.Live{ID: id, ParentID: parent, Path: path, Deeper: deeper, Name: string(rune('a' + id))}
	}
	v := &visit{clock: page.Clock{Zone: time.UTC, Now: time.Now, Lang: "en"}}
	all := []comment.Live{
		said(2, false, 1, 1, 2),       // its thread begins on the page before
		said(3, false, 2, 1, 2, 3),    //
		said(4, true, 3, 1, 2, 3),     // below the third step
		said(5, true, 4, 1, 2, 3),     // as well
		said(6, false, 1, 1, 6),       // beside 2, not below it
		said(7, false, 0, 7),          //
		said(10, false, 9, 7, 9, 10),  // 9 is gone
		said(12, false, 11, 11, 12),   // its thread's first is gone: no part of the one before
		said(13, true, 99, 11, 12, 9), // nor is the step it stood under there
	}
	var b strings.Builder
	var write func(list []*remark)
	write = func(list []*remark) {
		for _, r := range list {
			b.WriteString(r.Name)
			if len(r.Replies) > 0 {
				b.WriteString("(")
				write(r.Replies)
				b.WriteString(")")
			}
		}
	}
	write(v.nest(&article.Live{}, all, false))
	if got, want := b.String(), "c(d(ef))gh(k)m(n)"; got != want {
		t.Errorf("nest = %s, want %s", got, want)
	}
}

// TestAllowedIsWhatIsAllowed holds the sentence under the form to what is made of a comment.
func TestAllowedIsWhatIsAllowed(t *testing.T) {
	testTemplates(t)
	for _, tag := range []string{"em", "strong", "code", "blockquote", "a", "h2", "img", "ul", "u", "table"} {
		kept := strings.Contains(string(markup.CommentHTML("<"+tag+` href="https://example.org/">x</`+tag+">")), "<"+tag)
		if named := regexp.MustCompile("<" + tag + "[ >]").MatchString(page.T("respond.allowed")); named != kept {
			t.Errorf("<%s>: named %v, kept %v", tag, named, kept)
		}
	}
}

// TestScriptIsSmall keeps readers' pages at three kilobytes of script.
func TestScriptIsSmall(t *testing.T) {
	js, err := os.ReadFile("../../web/static/reader.js")
	if err != nil || len(js) > 3<<10 {
		t.Errorf("reader.js weighs %d bytes, %v", len(js), err)
	}
}
