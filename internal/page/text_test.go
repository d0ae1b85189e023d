package page

import (
	"errors"
	"testing"
	"testing/fstest"
)

func TestText(t *testing.T) {
	err := loadText(fstest.MapFS{
		"text/en.json":          {Data: []byte(`{"n": {"one": "{n} comment on {0}", "other": "{n} comments on {0}"}, "by": "{1}, by {0}"}`)},
		"text/en.newsroom.json": {Data: []byte(`{"more": "x"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ got, want string }{
		{N("n", 1, "A"), "1 comment on A"},
		{N("n", 12345, "A"), "12,345 comments on A"},
		{N("n", 0, "{1}"), "0 comments on {1}"},
		{T("by", "{1}", "B"), "B, by {1}"},
		{T("absent"), "absent"},
		{Say("more"), "x"},
		{Say("by|A|B"), "B, by A"},
		{Say("A sentence|of two halves."), "A sentence|of two halves."},
		{Say("A whole sentence."), "A whole sentence."},
		{Number(-1234567), "-1,234,567"},
		{Number(100), "100"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestTextFaults(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"key twice": {"text/en.json": {Data: []byte(`{"a": "x"}`)}, "text/en.b.json": {Data: []byte(`{"a": "y"}`)}},
		"no other":  {"text/en.json": {Data: []byte(`{"a": {"one": "x"}}`)}},
		"no text":   {"text/en.json": {Data: []byte(`{"a": 3}`)}},
		"no JSON":   {"text/en.json": {Data: []byte(`{`)}},
	} {
		if err := loadText(fsys); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

func TestTextKeyTwice(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"in one file":  {"text/en.json": {Data: []byte(`{"a": "x", "a": "y"}`)}},
		"in two files": {"text/en.json": {Data: []byte(`{"a": "x"}`)}, "text/en-b.json": {Data: []byte(`{"a": "y"}`)}},
		"cut off":      {"text/en.json": {Data: []byte(`{"a": `)}},
	} {
		c := catalogue{} // what is read of any file counts for all
		var err error
		for file, f := range files {
			err = errors.Join(err, c.add(file, f.Data))
		}
		if err == nil {
			t.Errorf("%s: a key was taken twice", name)
		}
	}
}

func TestSize(t *testing.T) {
	if err := loadText(fstest.MapFS{"text/en.json": {Data: []byte(`{"size.kilobytes": "{0} KB", "size.megabytes": "{0} MB"}`)}}); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int64]string{0: "0 KB", 1: "1 KB", 1024: "1 KB", 1025: "2 KB", 1_022_976: "999 KB", 1_022_977: "1.0 MB", 1_258_291: "1.2 MB", 40 << 20: "40.0 MB"} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}
