package comment

import (
	"maps"
	"slices"
	"strings"
)

// lexicon is the lists of all rules of words, ready to be looked up. It is a tree of words, since a line may be a phrase: looking up costs
// by the words of the text, not by the lines of the lists. It isn't changed once it is made, so that many may look in it at once.
type lexicon struct {
	root lexeme
}

// lexeme is where lines stand after some of their words: what comes next, as a word or as the stem of one, and the lines that end here.
type lexeme struct {
	next, stems map[string]*lexeme
	lengths     []int // that stems have in bytes, the shortest first
	ends        []listed
}

// listed is one line of a rule's list.
type listed struct {
	rule int64
	line string
}

// compileWords reads lists by the ids of their rules: a word or phrase a line, of which a star after a word stands for any ending. Lines in
// which there is no word count for nothing.
func compileWords(lists map[int64]string) *lexicon {
	l := &lexicon{}
	for _, rule := range slices.Sorted(maps.Keys(lists)) {
		for line := range strings.Lines(lists[rule]) {
			l.add(rule, strings.TrimSpace(line))
		}
	}
	return l
}

func (l *lexicon) add(rule int64, line string) {
	at := &l.root
	for _, w := range wordsOf(line) {
		at = at.step(w.folded, strings.HasPrefix(line[w.end:], "*"))
	}
	if end := (listed{rule, line}); at != &l.root && !slices.Contains(at.ends, end) {
		at.ends = append(at.ends, end)
	}
}

// step is the place after a word more, made where it isn't yet.
func (x *lexeme) step(word string, stem bool) *lexeme {
	ways := &x.next
	if stem {
		ways = &x.stems
		if i, ok := slices.BinarySearch(x.lengths, len(word)); !ok {
			x.lengths = slices.Insert(x.lengths, i, len(word))
		}
	}
	if *ways == nil {
		*ways = map[string]*lexeme{}
	}
	if (*ways)[word] == nil {
		(*ways)[word] = &lexeme{}
	}
	return (*ways)[word]
}

// find gives by rule what of the text its list matches, exactly as it stands there, in the order of the text: each spelling once, at most
// markedWords a rule and cut to markedLength. Rules that match nothing have no entry.
//
// Words match whole, never as part of another one. Case and accents count for nothing: Ö is o, ß is ss. In scripts that don't set spaces
// between words each character is one, so that a line matches wherever its characters stand in a row.
func (l *lexicon) find(text string) map[int64][]string {
	found := map[int64][]string{}
	l.each(text, func(by listed, start, end int) {
		words := found[by.rule]
		match := marking(text[start:end])
		if len(words) < markedWords && !slices.Contains(words, match) {
			found[by.rule] = append(words, match)
		}
	})
	return found
}

// each calls visit with every line that matches, and with what it matches, from byte start to before end.
func (l *lexicon) each(text string, visit func(by listed, start, end int)) {
	if l.root.next == nil && l.root.stems == nil {
		return
	}
	words := wordsOf(text)
	for i := range words {
		l.root.walk(words[i:], words[i].start, visit)
	}
}

// walk follows the words of a text from here, as far as they lead.
func (x *lexeme) walk(words []spoken, start int, visit func(by listed, start, end int)) {
	if len(words) == 0 {
		return
	}
	x.next[words[0].folded].arrive(words, start, visit)
	if len(x.stems) == 0 {
		return
	}
	word := words[0].folded
	for _, n := range x.lengths {
		if n > len(word) {
			return
		}
		x.stems[word[:n]].arrive(words, start, visit)
	}
}

// arrive reports what ends with the first of the words, and goes on with the others.
func (x *lexeme) arrive(words []spoken, start int, visit func(by listed, start, end int)) {
	if x == nil {
		return
	}
	for _, by := range x.ends {
		visit(by, start, words[0].end)
	}
	x.walk(words[1:], start, visit)
}

// marking is a match as it is kept beside the comment.
func marking(match string) string {
	if len(match) <= markedLength {
		return match
	}
	return strings.ToValidUTF8(match[:markedLength], "")
}
