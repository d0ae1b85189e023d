package address

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/gosimple/slug"
	"golang.org/x/text/unicode/norm"
)

// slugLength is how long a made slug may be, in characters.
const slugLength = 80

// Slug makes a slug of a title: lower-case words joined by hyphens, at most 80 characters and cut between words where it can be.
// ascii transliterates every script; otherwise each keeps its own. It is empty where nothing is left, as of a title of emoji: the
// caller then takes the id.
func Slug(title string, ascii bool) string {
	title = strings.NewReplacer("'", "", "’", "", "ʼ", "").Replace(title)
	if ascii {
		return shorten(strings.ReplaceAll(slug.Make(title), "_", "-"))
	}
	return shorten(keepScript(title))
}

// keepScript keeps letters, digits and the marks that belong to them; whatever stands between becomes one hyphen.
func keepScript(title string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(title)), func(r rune) bool {
		joiner := r == '\u200c' || r == '\u200d' // part of words in Persian and in Indian scripts
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !joiner
	})
	kept := words[:0]
	for _, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			kept = append(kept, w)
		}
	}
	return norm.NFC.String(strings.Join(kept, "-"))
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= slugLength {
		return s
	}
	cut := string(runes[:slugLength])
	if i := strings.LastIndexByte(cut, '-'); i > 0 && runes[slugLength] != '-' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, "-")
}

// Suffixed is path with a number that sets it apart, before its last slash or its extension: /a/b/ → /a/b-2/, /a/b.html → /a/b-2.html.
func Suffixed(of string, n int) string {
	bare := strings.TrimSuffix(of, "/")
	slash := of[len(bare):]
	ext := path.Ext(bare)
	return fmt.Sprintf("%s-%d%s%s", strings.TrimSuffix(bare, ext), n, ext, slash)
}
