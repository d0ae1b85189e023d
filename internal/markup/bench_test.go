package markup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// longArticle is about size bytes of plausible markup.
func longArticle(size int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		switch {
		case i%12 == 5:
			fmt.Fprintf(&b, "<h2>%s</h2>\n", sentence(r))
		case i%12 == 8:
			fmt.Fprintf(&b, "<figure><img data-media=\"%d\" alt=\"%s\"><figcaption>%s</figcaption></figure>\n", i, sentence(r), sentence(r))
		default:
			fmt.Fprintf(&b, "<p>%s %s <a href=\"https://a.example/%d\">%s</a> <em>%s</em> %s</p>\n",
				sentence(r), sentence(r), i, sentence(r), sentence(r), sentence(r))
		}
	}
	return b.String()
}

func anyPicture(id int64) (Picture, bool) {
	return Picture{Src: fmt.Sprintf("/media/k%d/a.webp", id), SrcSet: "/media/k/640.webp 640w, /media/k/960.webp 960w", Width: 960, Height: 640}, true
}

func BenchmarkArticle30KB(b *testing.B) {
	src := longArticle(30_000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Article(src)
	}
}

func BenchmarkArticleBreaks(b *testing.B) {
	src := strings.Repeat("a<br>", 1<<20/5)
	for b.Loop() {
		Article(src)
	}
}

func BenchmarkRenderBody(b *testing.B) {
	blocks := Identify(Article(longArticle(30_000)), nil)
	r := Render{Picture: anyPicture, IDs: true}
	for b.Loop() {
		r.Body(blocks)
	}
}

func BenchmarkFeed(b *testing.B) {
	blocks := Article(longArticle(30_000))
	for b.Loop() {
		Feed(blocks, fromRoot, anyPicture, anyFile)
	}
}

func BenchmarkCommentHTML(b *testing.B) {
	src := "I crossed in 1998 and it <b>was</b> most of a night.\n\nSee <a href=\"https://a.example/\">here</a>."
	for b.Loop() {
		CommentHTML(src)
	}
}

// edited is 200 paragraphs, and the same with every tenth changed, one moved and a few added and gone.
func edited() (before, after []string) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		before = append(before, "<p>"+sentence(r)+" "+sentence(r)+" "+sentence(r)+" "+sentence(r)+"</p>")
	}
	for i, p := range before {
		switch {
		case i%10 == 3:
			after = append(after, strings.Replace(p, " ", " changed ", 2))
		case i%50 == 7:
		case i%50 == 9:
			after = append(after, p, "<p>"+sentence(r)+"</p>")
		default:
			after = append(after, p)
		}
	}
	after[20], after[120] = after[120], after[20]
	return before, after
}

func BenchmarkDiff200(b *testing.B) {
	before, after := edited()
	for b.Loop() {
		Diff(before, after)
	}
}

func BenchmarkMerge200(b *testing.B) {
	before, after := edited()
	base := make([]Block, len(before))
	for i, h := range before {
		base[i] = Block{HTML: h}
	}
	base = Identify(base, nil)
	mine := make([]Block, len(after))
	for i, h := range after {
		mine[i] = Block{HTML: h}
	}
	mine = Identify(mine, base)
	for b.Loop() {
		Merge(base, mine, base)
	}
}

func BenchmarkIdentify200(b *testing.B) {
	before, after := edited()
	var base, mine []Block
	for i, h := range before {
		base = append(base, Block{ID: fmt.Sprintf("aaaa%c%c%c%c", 'a'+i/26, 'a'+i%26, 'x', 'y'), HTML: h})
	}
	for _, h := range after {
		mine = append(mine, Block{HTML: h})
	}
	for b.Loop() {
		Identify(mine, base)
	}
}

// hugeBodies are bodies made to be slow, of about size bytes each.
func hugeBodies(size int) map[string]string {
	var fonts strings.Builder
	for i := range 300 {
		fmt.Fprintf(&fonts, "<b id=%d><i title=%d><a href=/%d><code class=x%d>", i, i, i, i)
	}
	return map[string]string{
		"prose": longArticle(size), "p": strings.Repeat("<p>", size/3), "p x": strings.Repeat("<p>x", size/4), "br": strings.Repeat("a<br>", size/5),
		"formatting": fonts.String() + strings.Repeat("<p>x", size/4), "cells": "<table>" + strings.Repeat("<td>", size/4),
		"rows": "<table>" + strings.Repeat("<tr><td>x", size/9), "lists": strings.Repeat("<ul><li>", size/8), "text": strings.Repeat("word ", size/5),
		"angles": strings.Repeat("<", size), "a": strings.Repeat("<a href=/x>", size/11), "pictures": strings.Repeat("<img src=/x>", size/12),
		"attributes": "<p " + strings.Repeat("a=b ", size/4) + ">x", "foster": "<table>" + strings.Repeat("x<b>", size/4), "blank lines": strings.Repeat("x\n\n", size/3),
		"entities": strings.Repeat("&amp;", size/5), "one word": strings.Repeat("x", size), "han": strings.Repeat("漢", size/3), "ends": strings.Repeat("</p>", size/4),
		"joiners": strings.Repeat("\u200d", size/3), "apostrophes": "a" + strings.Repeat("'", size),
	}
}

// TestHugeBodies takes bodies made to be slow through all that is done with a body: each comes out in normal form.
func TestHugeBodies(t *testing.T) {
	for name, src := range hugeBodies(1 << 15) {
		blocks := Article(src)
		if again := Article(Join(blocks)); !slices.Equal(again, blocks) {
			t.Errorf("%s: cutting it again gives %d blocks, want the same %d", name, len(again), len(blocks))
		}
		html := make([]string, len(blocks))
		for i, b := range Identify(blocks, blocks[:len(blocks)/2]) {
			html[i] = b.HTML
		}
		if body := string(Render{IDs: true}.Body(blocks)); body == "" && len(blocks) > 0 {
			t.Errorf("%s: %d blocks show nothing", name, len(blocks))
		}
		if d := Diff(html[:len(html)/2], html); len(d) < len(html) {
			t.Errorf("%s: the difference names %d of %d blocks", name, len(d), len(html))
		}
		CommentHTML(src)
	}
}

// BenchmarkHugeBodies shows what grows faster than the body: compare the two sizes of a kind.
func BenchmarkHugeBodies(b *testing.B) {
	for _, size := range []int{1 << 15, 1 << 18} {
		for name, src := range hugeBodies(size) {
			b.Run(fmt.Sprintf("%s/%dK", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(src)))
				for b.Loop() {
					Article(src)
				}
			})
		}
	}
}

// BenchmarkDiffHuge compares paragraphs of a megabyte: one word over and over with a few put in, and a thousand words shuffled.
func BenchmarkDiffHuge(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	shuffled := func() string {
		var s strings.Builder
		for s.Len() < 1<<20 {
			fmt.Fprintf(&s, "w%d ", random.IntN(1000))
		}
		return s.String()
	}
	one := strings.Repeat("word ", 1<<20/5)
	for name, texts := range map[string][2]string{"one word": {one, strings.Replace(one, "word word", "word lord word", 5)}, "shuffled": {shuffled(), shuffled()}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Diff([]string{"<p>" + texts[0] + "</p>"}, []string{"<p>" + texts[1] + "</p>"})
			}
		})
	}
}
