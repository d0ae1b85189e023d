package markup

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
)

var soupTags = strings.Fields(`p p p div h1 h2 h5 ul ol li li blockquote footer figure figcaption table caption thead tbody tfoot tr td th
	pre hr br br a strong b em i code s del sup cite q abbr time span span ruby rt img embed video iframe dl dt dd script style svg math
	template select option textarea noscript form center font u section address details summary title xmp`)

var soupAttrs = []string{
	``, ``, ``, ` lang="ar" dir=RTL`, ` class="pull embed table n credit source missing"`, ` href="https://a.example/b c?d=e#f"`, ` href=/x`,
	` href="javascript:x"`, ` src="https://a.example/p.jpg" alt="A & B"`, ` data-media=12 alt=" two  words "`, ` id="p-abcdefgh"`, ` id=p-bcdefghi`,
	` style="font-weight:bold;font-style:italic"`, ` style="font-weight:normal"`, ` colspan=2 scope=row`, ` start=4`, ` title="T"`, ` onclick=x`,
}

var soupWords = []string{"word", "two words", " ", "\n", "\n\n", "\u00a0", "é", "漢字", "العربية", "&amp;", "&lt;b&gt;", "\u200b", "'quoted'", "<", "& ", "\t"}

// soup is markup as nobody writes it: opened, closed and left open at random.
func soup(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(30) {
		tag := soupTags[r.IntN(len(soupTags))]
		switch r.IntN(5) {
		case 0, 1:
			b.WriteString("<" + tag + soupAttrs[r.IntN(len(soupAttrs))] + ">")
		case 2:
			b.WriteString("</" + tag + ">")
		default:
			b.WriteString(soupWords[r.IntN(len(soupWords))])
		}
	}
	return b.String()
}

func TestSoup(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	unsettled := 0
	for range 3_000 {
		src := soup(r)
		if !checkArticle(t, src) || !checkComment(t, src) {
			return
		}
		first := cut(build(src))
		if !same(first, Article(src)) {
			unsettled++
			t.Logf("%q settles late:\n%v\n%v", src, first, Article(src))
		}
		blocks := Identify(first, nil)
		if back := Article(Editable(blocks)); !same(back, blocks) {
			t.Fatalf("Editable of %q reads back as\n%v, was\n%v", src, back, blocks)
		}
		if lost := missing(Text(src), Text(Join(first))); lost != "" {
			t.Fatalf("Article(%q) = %v, which lost %q", src, first, lost)
		}
	}
	if unsettled > 0 {
		t.Errorf("%d of 3,000 settle late: the content model builds what it reads otherwise", unsettled)
	}
}

// missing is the letters, digits and marks of want that got hasn't as often, whatever their order.
func missing(want, got string) string {
	have := map[rune]int{}
	for _, r := range got {
		have[r]++
	}
	return strings.Map(func(r rune) rune {
		have[r]--
		if (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) && have[r] < 0 {
			return r
		}
		return -1
	}, want)
}
