package report

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"stet/internal/fault"
	"stet/internal/markup"
)

// Passage is where a quote stands in what readers see now: the text of the paragraph, and whether it still says what was quoted. Where it
// doesn't, the paragraph is the one that shares most words with the quote; empty where none shares any or nothing was quoted.
type Passage struct {
	Text   string
	Stands bool
}

// passages looks every quote up in its article, each article once.
func (s *Store) passages(ctx context.Context, lines []Line) error {
	read := map[int64][]string{}
	for i := range lines {
		l := &lines[i]
		if l.CommentID != nil {
			l.Quote = quoted(l.Body)
		}
		if l.Quote == "" {
			continue
		}
		texts, ok := read[l.ArticleID]
		if !ok {
			live, err := s.articles.LiveArticle(ctx, l.ArticleID)
			switch {
			case errors.Is(err, fault.NotFound):
			case err != nil:
				return err
			default:
				texts = append(texts, live.Content.Headline, live.Content.Standfirst)
				for _, b := range live.Blocks {
					texts = append(texts, markup.Text(b.HTML))
				}
			}
			read[l.ArticleID] = texts
		}
		l.Passage = find(texts, l.Quote)
	}
	return nil
}

// find gives the passage of a quote in an article's texts.
func find(texts []string, quote string) Passage {
	flat := plain(quote)
	wanted := words(quote)
	var best Passage
	most := 0
	for _, text := range texts {
		if flat != "" && strings.Contains(plain(text), flat) {
			return Passage{Text: text, Stands: true}
		}
		shared := 0
		for w := range words(text) {
			if wanted[w] {
				shared++
			}
		}
		if shared > most {
			best, most = Passage{Text: text}, shared
		}
	}
	return best
}

// plain takes out of a text what a browser or a hand may change when it is copied: case, spaces, and the shape of quotation marks and dashes.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.M, r):
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// words are those of a text that tell it from others: longer than three letters.
func words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if len([]rune(w)) > 3 {
			out[w] = true
		}
	}
	return out
}
