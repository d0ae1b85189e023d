package markup

import (
	"slices"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"as it is stored":        {`<p class="file"><a data-media="7">The Convention of 1931</a></p>`, `<p class="file"><a data-media="7">The Convention of 1931</a></p>`},
		"as it was shown":        {`<p class="file"><a data-media="7" href="/media/k/file.pdf" type="application/pdf">The Convention</a> <span>PDF, 1.2 MB</span></p>`, `<p class="file"><a data-media="7">The Convention</a></p>`},
		"in running text":        {`<p>See <a data-media="7">the paper</a>.</p>`, `<p>See <a data-media="7">the paper</a>.</p>`},
		"no number":              {`<p class="file"><a data-media="x">The paper</a></p>`, `<p class="file">The paper</p>`},
		"of nothing":             {`<p class="file"><a data-media="7"></a></p>`, ``},
		"an address of its own":  {`<p class="file"><a href="https://news.example/a.pdf">A</a> <span>PDF</span></p>`, `<p class="file"><a href="https://news.example/a.pdf">A</a> <span>PDF</span></p>`},
		"a player as it was":     {`<p class="file"><a data-media="7">Hear</a> <span>MP3</span> <audio controls src="/media/k/a.mp3"></audio></p>`, `<p class="file"><a data-media="7">Hear</a></p>` + `<p class="embed"><a href="/media/k/a.mp3"><strong>a.mp3</strong></a></p>`},
		"a script in its number": {`<p class="file"><a data-media="7&quot; onclick=&quot;x">A</a></p>`, `<p class="file">A</p>`},
	} {
		got := Join(Article(tt.in))
		if got != tt.want {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
		if again := Join(Article(got)); again != got {
			t.Errorf("%s: again %s", name, again)
		}
		if back := Join(Article(Editable(Article(tt.in)))); back != got {
			t.Errorf("%s: through the textarea %s", name, back)
		}
	}
}

func TestFileShown(t *testing.T) {
	t.Parallel()
	src := `<p>Read.</p><p class="file"><a data-media="7">The Convention &amp; more</a></p><p class="file"><a data-media="8">Hear “it”</a></p><p class="file"><a data-media="9">Gone</a></p><p>In <a data-media="7">line</a>.</p>`
	find := func(id int64) (File, bool) {
		switch id {
		case 7:
			return File{Href: "/media/k/convention.pdf", Type: "application/pdf", Note: "PDF, 1.2 MB"}, true
		case 8:
			return File{Href: "/media/k/it.mp3", Type: "audio/mpeg", Note: "MP3, 3 MB", Audio: true}, true
		}
		return File{Note: "not there"}, false
	}
	want := `<p>Read.</p><p class="file"><a href="/media/k/convention.pdf" type="application/pdf">The Convention &amp; more</a> <span>PDF, 1.2 MB</span></p>` +
		`<p class="file"><a href="/media/k/it.mp3" type="audio/mpeg">Hear “it”</a> <span>MP3, 3 MB</span> <audio controls="" preload="none" src="/media/k/it.mp3" aria-label="Hear “it”"></audio></p>` +
		`<p class="file">Gone <span>not there</span></p><p>In <a href="/media/k/convention.pdf" type="application/pdf">line</a>.</p>`
	blocks := Article(src)
	if got := string(Render{File: find}.Body(blocks)); got != want {
		t.Errorf("shown\n%s\nwant\n%s", got, want)
	}
	if got := string(Render{}.Body(blocks)); strings.Contains(got, "<a") || !strings.Contains(got, "The Convention &amp; more") {
		t.Errorf("without files: %s", got)
	}
	abs := func(p string) string { return "https://margin.example" + p }
	if got, want := Feed(blocks, abs, nil, find), strings.ReplaceAll(want, `"/media/`, `"https://margin.example/media/`); got != want {
		t.Errorf("in a feed\n%s\nwant\n%s", got, want)
	}
	if ids := MediaIDs(blocks); !slices.Equal(ids, []int64{7, 8, 9}) {
		t.Errorf("ids %v", ids)
	}
	if text := Text(src); text != "Read.\n\nThe Convention & more\n\nHear “it”\n\nGone\n\nIn line." {
		t.Errorf("text %q", text)
	}
	if p := Survey(blocks)[1]; len(p.Links) != 0 || !slices.Equal(p.Files, []int64{7}) || p.Words != 3 {
		t.Errorf("survey %+v", p)
	}
}

// anyFile is a file for every number.
func anyFile(id int64) (File, bool) {
	return File{Href: "/media/k/a.mp3", Type: "audio/mpeg", Note: "MP3, 3 MB <b>", Audio: id%2 == 1}, true
}
