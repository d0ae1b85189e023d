package markup

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew; read the difference before you commit it")

// golden compares got with the file beside its source.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", file, got, want)
	}
}

func sources(t *testing.T, glob string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", glob, err)
	}
	out := map[string]string{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = string(src)
	}
	return out
}

func perLine(blocks []Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		b.WriteString(bl.ID + "\t" + bl.HTML + "\n")
	}
	return b.String()
}

func TestGoldenArticles(t *testing.T) {
	show := Render{IDs: true, Picture: someMedia, Label: "Picture:"}
	for file, src := range sources(t, "testdata/article/*.html") {
		checkArticle(t, src)
		blocks := Article(src)
		base := strings.TrimSuffix(file, ".html")
		golden(t, base+".blocks", perLine(blocks))
		golden(t, base+".text", Text(Join(blocks))+"\n")
		golden(t, base+".editable", Editable(blocks)+"\n")
		golden(t, base+".shown", strings.ReplaceAll(string(show.Body(blocks)), "><", ">\n<")+"\n")
		golden(t, base+".feed", strings.ReplaceAll(Feed(blocks, fromRoot, someMedia, nil), "><", ">\n<")+"\n")
	}
}

func TestGoldenComments(t *testing.T) {
	for file, src := range sources(t, "testdata/comment/*.txt") {
		checkComment(t, src)
		base := strings.TrimSuffix(file, ".txt")
		golden(t, base+".shown", strings.ReplaceAll(string(CommentHTML(src)), "><", ">\n<")+"\n")
		golden(t, base+".plain", PlainComment(src)+"\n")
	}
}

func fromRoot(path string) string {
	if strings.HasPrefix(path, "#") {
		path = "/2026/06/lights/" + path
	}
	return "https://magazine.example" + path
}

// someMedia knows pictures 12 and 13; 14 is lost.
func someMedia(id int64) (Picture, bool) {
	switch id {
	case 12:
		return Picture{Src: "/media/k12/lens.webp", SrcSet: "/media/k12/640.webp 640w, /media/k12/960.webp 960w", Width: 960, Height: 640}, true
	case 13:
		return Picture{Src: "https://media.example/k13/fog.jpg", Width: 640, Height: 480}, true
	case 14:
		return Picture{Src: "/media/k14/one.webp", Width: 10, Height: 10, Missing: true}, true
	}
	return Picture{}, false
}
