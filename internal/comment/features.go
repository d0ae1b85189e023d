package comment

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of what is kept of one comment: a text that repeats nothing must not fill the table.
const (
	maxTokens     = 400
	maxTokenBytes = 60
)

var (
	tagPattern  = regexp.MustCompile(`(?s)<[^<>]*>`)
	hrefPattern = regexp.MustCompile(`(?i)href\s*=\s*["']?([^"'\s>]+)`)
	// hostPattern finds addresses, also without a scheme, and as somebody writes them who was refused before: "example . com".
	hostPattern = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s<>"']+|` +
		`\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\s?\.\s?(?:com|net|org|info|ru|cn|tk|biz|co|io|ly|me|gl|be)\b(?:/[^\s<>"']*)?`)
)

// features is what the spam filter sees of a comment, each token once: its words and pairs of words, the hosts it links to, of what shape
// it is and where its mail goes. Tokens of words have no colon; all others begin with their kind and one. No part of the name is among them.
func features(name, email, body string) []string {
	t := tokens{seen: map[string]bool{}}
	links := 0
	for _, l := range hrefPattern.FindAllStringSubmatch(body, -1) {
		t.link(html.UnescapeString(l[1]))
		links++
	}
	text := html.UnescapeString(tagPattern.ReplaceAllString(body, " "))
	for _, l := range hostPattern.FindAllString(text, -1) {
		t.link(l)
		links++
	}
	if hostPattern.MatchString(name) {
		t.add("name:link")
	}
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		t.add("mail:" + strings.ToLower(email[at+1:]))
	}
	words := wordsOf(text)
	if len(words) > 0 {
		t.add("first:" + squeeze(words[0].folded))
		t.add("last:" + squeeze(words[len(words)-1].folded))
	}
	rest := hostPattern.ReplaceAllString(text, " ")
	t.shape(rest, links)
	t.words(rest)
	return t.list
}

type tokens struct {
	list []string
	seen map[string]bool
}

func (t *tokens) add(token string) {
	if token == "" || len(token) > maxTokenBytes || len(t.list) >= maxTokens || t.seen[token] {
		return
	}
	t.seen[token] = true
	t.list = append(t.list, token)
}

func (t *tokens) words(text string) {
	before := ""
	for _, w := range wordsOf(text) {
		word := squeeze(w.folded)
		t.add(word)
		if before != "" {
			t.add(before + " " + word)
		}
		before = word
	}
}

// squeeze makes one word of "sooo" and "sooooooo".
func squeeze(word string) string {
	var b strings.Builder
	var last rune
	run := 0
	for _, r := range word {
		if r != last {
			last, run = r, 0
		}
		if run++; run <= 2 || !unicode.IsLetter(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (t *tokens) link(address string) {
	address = strings.ReplaceAll(address, " ", "")
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		t.add("host:unreadable")
		return
	}
	t.add("host:" + strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."))
	if first, _, _ := strings.Cut(strings.Trim(u.Path, "/"), "/"); first != "" {
		t.add("path:" + strings.ToLower(first))
	}
	if u.RawQuery != "" {
		t.add("link:query")
	}
}

// shape adds what a glance tells: how many links, shouting, repetition.
func (t *tokens) shape(text string, links int) {
	l := lookAt(text)
	t.add("links:" + strconv.Itoa(min(links, 3)))
	if links > 0 {
		t.add("links:some")
	}
	if links > 0 && l.letters < 10 {
		t.add("shape:links alone")
	}
	if l.letters == 0 {
		t.add("shape:no words")
	}
	if l.letters >= 10 && l.capitals*10 >= l.letters*7 {
		t.add("shape:capitals")
	}
	if l.repeated >= 4 {
		t.add("shape:repeats")
	}
	if l.digits >= 6 {
		t.add("shape:digits")
	}
	if l.shouts >= 3 {
		t.add("shape:shouts")
	}
}

type look struct{ letters, capitals, digits, shouts, repeated int }

func lookAt(text string) look {
	var l look
	var last rune
	run := 0
	for _, r := range text {
		switch {
		case unicode.IsUpper(r):
			l.capitals++
			l.letters++
		case unicode.IsLetter(r):
			l.letters++
		case unicode.IsDigit(r):
			l.digits++
		case r == '!':
			l.shouts++
		}
		if r != last {
			last, run = r, 0
		}
		if run++; !unicode.IsSpace(r) {
			l.repeated = max(l.repeated, run)
		}
	}
	return l
}
