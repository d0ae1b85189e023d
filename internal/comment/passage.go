package comment

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
)

// passageWords is how many words in a row a comment shares with its article before they count as a quotation.
const passageWords = 6

// passageLength bounds a passage, in bytes: a sentence can be a page long.
const passageLength = 600

// passages finds the sentence that each comment quotes from the text of its article that readers see now.
func (s *Store) passages(ctx context.Context, items []Item) error {
	var articles []int64
	for _, i := range items {
		if i.liveVersion > 0 && len(strings.Fields(i.Text)) >= passageWords {
			articles = append(articles, i.ArticleID)
		}
	}
	if len(articles) == 0 {
		return nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, v.content->'body'
		FROM articles a
		JOIN versions v ON v.article_id = a.id AND v.number = a.live_version
		WHERE a.id = ANY ($1) AND v.content IS NOT NULL`, articles)
	if err != nil {
		return err
	}
	bodies, id, body := map[int64][]string{}, int64(0), []string(nil)
	if _, err := pgx.ForEachRow(rows, []any{&id, &body}, func() error {
		bodies[id] = slices.Clone(body)
		return nil
	}); err != nil {
		return err
	}
	for id, body := range bodies {
		quote(items, id, body)
	}
	return nil
}

// quote looks through the text of an article once, for the runs of passageWords words that stand in its comments.
func quote(items []Item, articleID int64, body []string) {
	said := map[uint64][]*Item{}
	for i := range items {
		if items[i].ArticleID != articleID {
			continue
		}
		for _, key := range runs(wordsAt(items[i].Text)) {
			said[key] = append(said[key], &items[i])
		}
	}
	for _, html := range body {
		text := markup.Text(html)
		words := wordsAt(text)
		for at, key := range runs(words) {
			for _, i := range said[key] {
				if i.Passage == "" {
					i.Passage = sentence(text, words[at].at)
				}
			}
		}
	}
}

// wordAt is a word as it is compared, and the byte where it begins.
type wordAt struct {
	word string
	at   int
}

// wordsAt cuts a text into letters and digits in a row; case and marks between them don't count.
func wordsAt(text string) []wordAt {
	var out []wordAt
	start := -1
	end := func(to int) {
		if start >= 0 {
			out = append(out, wordAt{strings.ToLower(text[start:to]), start})
			start = -1
		}
	}
	for i, r := range text {
		if inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r); !inWord {
			end(i)
		} else if start < 0 {
			start = i
		}
	}
	end(len(text))
	return out
}

var wordSeed = maphash.MakeSeed()

// runs names each run of passageWords words by a number: the run that begins at word i has place i.
func runs(words []wordAt) []uint64 {
	if len(words) < passageWords {
		return nil
	}
	hashes := make([]uint64, len(words))
	for i, w := range words {
		hashes[i] = maphash.String(wordSeed, w.word)
	}
	out := make([]uint64, len(words)-passageWords+1)
	for i := range out {
		for _, h := range hashes[i : i+passageWords] {
			out[i] = out[i]*1_000_003 + h
		}
	}
	return out
}

// sentence is the one of text in which the byte at stands.
func sentence(text string, at int) string {
	const ends = ".!?。！？؟…\n"
	from, to := 0, len(text)
	if i := strings.LastIndexAny(text[:at], ends); i >= 0 {
		from = i
	}
	if i := strings.IndexAny(text[at:], ends); i >= 0 {
		_, size := utf8.DecodeRuneInString(text[at+i:])
		to = at + i + size
	}
	out := strings.TrimSpace(strings.TrimLeft(text[from:to], ends+" ”’»\""))
	if len(out) > passageLength {
		out = strings.ToValidUTF8(out[:passageLength], "") + "…"
	}
	return out
}
