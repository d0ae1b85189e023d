package seed

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
)

// Text is an article that somebody wrote. HTML is its body, or Plain, where each line is a paragraph. Of the language's tag only the language
// counts.
type Text struct {
	Title    string
	Summary  string
	Language string `json:"lang"`
	HTML     string `json:"body_html"`
	Plain    string `json:"body_text"`
	Tags     []string
}

// ReadTexts reads all files of JSON lines in a folder, in the order of their names. Fields that a Text hasn't are passed over. A folder without
// such a file is an error.
func ReadTexts(dir string) ([]Text, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("texts: no *.jsonl in %s", dir)
	}
	var out []Text
	for _, file := range files {
		if out, err = readTexts(out, file); err != nil {
			return nil, fmt.Errorf("texts of %s: %w", filepath.Base(file), err)
		}
	}
	return out, nil
}

func readTexts(texts []Text, file string) ([]Text, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	for dec := json.NewDecoder(f); ; {
		var t Text
		switch err := dec.Decode(&t); {
		case errors.Is(err, io.EOF):
			return texts, nil
		case err != nil:
			return nil, err
		}
		texts = append(texts, t)
	}
}

// body is the text as HTML.
func (t Text) body() string {
	if t.HTML != "" {
		return t.HTML
	}
	var b strings.Builder
	for line := range strings.Lines(t.Plain) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString("<p>" + html.EscapeString(line) + "</p>")
		}
	}
	return b.String()
}

// borrow puts the words of a text in the place of made-up ones. Where it has no tags those stay.
func (t Text) borrow(d *article.Draft) {
	d.Headline, d.Standfirst, d.Kicker, d.Body = markup.Line(t.Title), markup.Line(t.Summary), "", t.body()
	d.Language, _, _ = strings.Cut(t.Language, "-")
	if len(t.Tags) > 0 {
		d.Tags = slices.Clone(t.Tags)
	}
}
