package comment

import (
	"context"
	"iter"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/markup"
)

// passageWords is how many words in a row a comment shares with its article before they count as a quotation.
const passageWords = 6

// passageLength bounds a passage, in bytes: a sentence can be a page long.
const passageLength = 600

// passages finds the sentence that each comment quotes from the text of its article that readers see now. What search keeps of an article is that
// text, and far less to read than its blocks, which have it where the article isn't listed.
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
		SELECT a.id, coalesce(split_part(s.d, '`+article.BigramMark+`', 1), ''), CASE WHEN s.article_id IS NULL THEN v.content->'body' END
		FROM articles a
		LEFT JOIN article_search s ON s.article_id = a.id
		LEFT JOIN versions v ON s.article_id IS NULL AND v.article_id = a.id AND v.number = a.live_version
		WHERE a.id = ANY ($1)`, articles)
	if err != nil {
		return err
	}
	var id int64
	var text string
	var body []string
	_, err = pgx.ForEachRow(rows, []any{&id, &text, &body}, func() error {
		for _, html := range body {
			text += markup.Text(html) + "\n"
		}
		quote(items, id, text)
		return nil
	})
	return err
}

// quote looks through the text of an article once, for the runs of passageWords words that stand in its comments.
func quote(items []Item, articleID int64, text string) {
	said := map[uint64][]*Item{}
	for i := range items {
		if items[i].ArticleID != articleID {
			continue
		}
		for key := range runs(items[i].Text) {
			said[key] = append(said[key], &items[i])
		}
	}
	for key, at := range runs(text) {
		for _, i := range said[key] {
			if i.Passage == "" {
				i.Passage = sentence(text, at)
			}
		}
	}
}

var wordSeed = rand.Uint64()

// runs names each run of passageWords words of a text by a number, and says at which byte it begins. Words are letters and digits in a row; case and
// what stands between them don't count.
func runs(text string) iter.Seq2[uint64, int] {
	return func(yield func(uint64, int) bool) {
		var words [passageWords]uint64
		var begins [passageWords]int
		n, word, begin := 0, wordSeed, -1
		end := func() bool {
			copy(words[:], words[1:])
			copy(begins[:], begins[1:])
			words[passageWords-1], begins[passageWords-1] = word, begin
			word, begin = wordSeed, -1
			if n++; n < passageWords {
				return true
			}
			run := uint64(0)
			for _, w := range words {
				run = run*1_000_003 + w
			}
			return yield(run, begins[0])
		}
		for i, r := range text {
			switch letter := letterOf(r); {
			case letter != 0:
				if begin < 0 {
					begin = i
				}
				word = (word ^ uint64(letter)) * 1_099_511_628_211 // FNV-1a
			case begin >= 0 && !end():
				return
			}
		}
		if begin >= 0 {
			end()
		}
	}
}

// letterOf is a character of a word as it is compared, 0 for all that parts words.
func letterOf(r rune) rune {
	if r < utf8.RuneSelf {
		return plainLetters[r]
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
		return unicode.ToLower(r)
	}
	return 0
}

var plainLetters = func() (letters [utf8.RuneSelf]rune) {
	for r := range rune(utf8.RuneSelf) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters[r] = unicode.ToLower(r)
		}
	}
	return letters
}()

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
