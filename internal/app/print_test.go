package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"
)

// TestPrintedArticle prints the demo's leading article and one with every block: all paragraphs, notices and the addresses of links are on
// paper, nothing lies outside it, and no furniture of the screen comes along.
func TestPrintedArticle(t *testing.T) {
	w := newWorld(t)
	w.demo()
	_, everything := w.goes(w.kinds()["everything"])
	b := w.browser()
	for _, path := range []string{w.thirty("two-countries-that-do-not-speak"), everything} {
		pdf := filepath.Join(t.TempDir(), "page.pdf")
		if err := os.WriteFile(pdf, b.printed(path), 0o600); err != nil {
			t.Fatal(err)
		}
		onPaper(t, pdf, w.visitor().get(path).body)
		onItsPage(t, pdf)
	}
}

// printed is a page as a PDF on A4.
func (b *tab) printed(path string) []byte {
	b.Helper()
	b.open(path)
	b.until(`document.fonts.status === 'loaded'`)
	var out []byte
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
		out = got.Data
		return err
	}))
	return out
}

// pdftotext runs the tool of that name.
func pdftotext(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftotext", args...)
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext (apt-get install poppler-utils): %v %s", err, told.String())
	}
	return string(out)
}

// rightToLeft is what the tool gives back in the order and the forms of the letters on paper.
var rightToLeft = regexp.MustCompile(`[\p{Arabic}\p{Hebrew}]`)

var notLetters = regexp.MustCompile(`[^\pL\pN]+`)

// letters is a text without what a line break or capitals on paper may change.
func letters(s string) string { return strings.ToLower(notLetters.ReplaceAllString(s, "")) }

// onPaper looks for an article's words and links, and for what belongs to the screen.
func onPaper(t *testing.T, pdf, source string) {
	t.Helper()
	text := letters(pdftotext(t, "-raw", pdf, "-"))
	tree, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	looked, links := 0, 0
	for _, n := range cascadia.QueryAll(tree, cascadia.MustCompile(`h1, .standfirst, .prose p, .prose li:not(:has(li)), .prose td, .prose figcaption, .notice h2`)) {
		for part := range strings.SplitSeq(textIn(n), ". ") {
			if part = letters(part); part == "" || rightToLeft.MatchString(part) {
				continue
			}
			looked++
			// Where a link's address follows it the sentence is parted, so its beginning counts.
			if head := part[:min(len(part), 12)]; !strings.Contains(text, part) && (!strings.Contains(text, head) || len(cascadia.QueryAll(n, cascadia.MustCompile("a, sup"))) == 0) {
				t.Errorf("not on paper: %q", textIn(n))
			}
		}
	}
	for _, n := range cascadia.QueryAll(tree, cascadia.MustCompile(`.prose a[href^="http"]`)) {
		links++
		if at := attrOf(n, "href"); !strings.Contains(text, letters(at)) {
			t.Errorf("the address of a link isn't on paper: %s", at)
		}
	}
	for _, furniture := range []string{"Leave a Reply", "What are you looking for", "Skip to"} {
		if strings.Contains(text, letters(furniture)) {
			t.Errorf("on paper stands %q", furniture)
		}
	}
	t.Logf("%d passages and %d addresses of links on paper", looked, links)
}

var (
	pdfPage = regexp.MustCompile(`<page width="([0-9.]+)" height="([0-9.]+)"`)
	pdfWord = regexp.MustCompile(`<word xMin="([0-9.-]+)" yMin="([0-9.-]+)" xMax="([0-9.-]+)" yMax="([0-9.-]+)">([^<]*)`)
)

// onItsPage insists that every word lies on its page.
func onItsPage(t *testing.T, pdf string) {
	t.Helper()
	number := func(s string) float64 {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	words, width, height := 0, 0.0, 0.0
	for line := range strings.Lines(pdftotext(t, "-bbox", pdf, "-")) {
		if m := pdfPage.FindStringSubmatch(line); m != nil {
			width, height = number(m[1]), number(m[2])
			continue
		}
		m := pdfWord.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		words++
		if number(m[1]) < 0 || number(m[2]) < 0 || number(m[3]) > width || number(m[4]) > height {
			t.Errorf("%q lies outside its page: %s", m[5], fmt.Sprint(m[1:5], " of ", width, height))
		}
	}
	if words < 100 {
		t.Errorf("%d words on paper", words)
	}
}
