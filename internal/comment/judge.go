package comment

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kinds of rules, as they stand in rules.kind and, where one matched, in hold_reasons.rule.
const (
	ruleWords     = "words"     // blocked or suspect words
	ruleLinks     = "links"     // more links than amount
	ruleFirst     = "first"     // no comment under this e-mail was approved before
	ruleCapitals  = "capitals"  // a share of capitals above amount
	ruleDuplicate = "duplicate" // the same text came from others or stands elsewhere
	ruleFast      = "fast"      // too soon after the same person's last comment
	ruleFlood     = "flood"     // more comments from one network than amount
	ruleSpam      = "spam"      // a spam score above amount
)

// What holds a comment without being a row of rules.
const (
	rulePremoderated = "premoderated" // comments are read before they are shown
	ruleEmergency    = "emergency"    // the switch that holds the whole site's comments is on
	ruleStorm        = "storm"        // far more newcomers than usual write under the article
	ruleHeld         = "held"         // all comments of this person are read first
	ruleName         = "name"         // a name that looks like that of somebody who works here, or of the site
	ruleEdited       = "edited"       // a published comment was changed by its writer
	ruleBanned       = "banned"       // its writer is banned
	ruleHoneypot     = "honeypot"     // a field that people don't see was filled in
)

// marked bounds what is kept of a text to say why it is held.
const (
	markedWords  = 10
	markedLength = 200
)

// Texts shorter than these say nothing by their capitals, or by being said twice.
const (
	capitalsFrom  = 20 // letters
	duplicateFrom = 20 // characters; the index comment_texts_said_idx has it too
)

// Rule is a row of rules. Act is Hold, MarkSpam or Reject; Told is what a rejection says to the writer. What Amount and Seconds mean depends
// on Kind, as the columns say. A rule holds for one article, else for a category with all below it, else (both 0) everywhere.
type Rule struct {
	ID          int64
	Kind        string
	Name        string
	Act         Act
	Words       string
	Amount      float64
	Seconds     int
	CategoryID  int64
	ArticleID   int64
	PassTrusted bool
	Told        string
	Active      bool
}

// Reason is one rule that matched when a text came in, with the words that made it match as they stand in it. RuleID is the row of rules,
// 0 for what isn't one; Name is that row's as it is now, where the queue shows it.
type Reason struct {
	Rule   string   `json:"rule"`
	Words  []string `json:"words"`
	RuleID int64    `json:"rule_id,omitempty"`
	Name   string   `json:"name,omitempty"`
}

// candidate is a text with all that rules look at. Lineage is the article's first category with those above it. Known says that something
// of its writer was approved before, Trusted that they have earned to be let through. Last is when they last wrote, Copies when the same
// text came from others or stood elsewhere, Near when comments came from the same network; newest first, and no more than rules ask for.
// Found is what the lexicon found, by the id of the rule.
type candidate struct {
	ArticleID int64
	Lineage   []int64
	At        time.Time
	Name      string
	Body      string
	Known     bool
	Trusted   bool
	Last      *time.Time
	Copies    []time.Time
	Near      []time.Time
	Found     map[int64][]string
	Score     Score
}

// verdict is what rules say of a candidate: each that matched, in the order of the rules, and what the strictest of them does (empty where
// none matched). Spam is stricter than a rejection, of which the first one's words are Told.
type verdict struct {
	Reasons []Reason
	Act     Act
	Told    string
}

// strictness orders what rules do.
var strictness = map[Act]int{Hold: 1, Reject: 2, MarkSpam: 3}

// judge puts a candidate to rules. It looks at nothing but its arguments, so that a rule is tried on old comments by what will judge new ones.
func judge(c *candidate, rules []Rule) verdict {
	var v verdict
	for i := range rules {
		r := &rules[i]
		if !r.concerns(c) {
			continue
		}
		words, matched := r.match(c)
		if !matched {
			continue
		}
		v.Reasons = append(v.Reasons, Reason{Rule: r.Kind, Words: words, RuleID: r.ID})
		if strictness[r.Act] > strictness[v.Act] {
			v.Act = r.Act
		}
		if r.Act == Reject && v.Told == "" {
			v.Told = r.Told
		}
	}
	if v.Act != Reject {
		v.Told = ""
	}
	return v
}

// concerns reports whether the rule is to be put to c at all.
func (r *Rule) concerns(c *candidate) bool {
	switch {
	case r.PassTrusted && c.Trusted:
		return false
	case r.ArticleID != 0:
		return r.ArticleID == c.ArticleID
	case r.CategoryID != 0:
		return slices.Contains(c.Lineage, r.CategoryID)
	}
	return true
}

// match reports whether the rule matches, and by which words of the text.
func (r *Rule) match(c *candidate) (words []string, matched bool) {
	switch r.Kind {
	case ruleWords:
		words = c.Found[r.ID]
		return words, len(words) > 0
	case ruleLinks:
		links := linkPattern.FindAllString(c.Body, -1)
		return marks(links), float64(len(links)) > r.Amount
	case ruleFirst:
		return nil, !c.Known
	case ruleCapitals:
		share, ok := capitals(c.Body)
		return nil, ok && share > r.Amount
	case ruleDuplicate:
		return nil, r.more(c, c.Copies)
	case ruleFast:
		return nil, c.Last != nil && c.At.Sub(*c.Last) < r.span()
	case ruleFlood:
		return nil, r.more(c, c.Near)
	case ruleSpam:
		return nil, c.Score.Known && c.Score.Value > r.Amount
	}
	return nil, false
}

func (r *Rule) span() time.Duration { return time.Duration(r.Seconds) * time.Second }

// more reports whether more than Amount of times, newest first, lie within the rule's span before the candidate.
func (r *Rule) more(c *candidate, times []time.Time) bool {
	n, _ := slices.BinarySearchFunc(times, c.At.Add(-r.span()), func(t, end time.Time) int { return cmp.Compare(end.UnixMicro(), t.UnixMicro()) })
	return float64(n) > r.Amount
}

var linkPattern = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"']+`)

// marks cuts words to what is kept of them.
func marks(words []string) []string {
	words = slices.Clone(words[:min(len(words), markedWords)])
	for i, w := range words {
		if len(w) > markedLength {
			words[i] = strings.ToValidUTF8(w[:markedLength], "")
		}
	}
	return slices.Compact(words)
}

// capitals is the share of capitals among the letters that have two cases; ok where there are enough of them to say.
func capitals(body string) (share float64, ok bool) {
	var upper, all int
	for _, r := range body {
		switch {
		case r < utf8.RuneSelf && r < 'A':
		case unicode.IsUpper(r):
			upper++
			all++
		case unicode.IsLower(r):
			all++
		}
	}
	if all < capitalsFrom {
		return 0, false
	}
	return float64(upper) / float64(all), true
}

// Score is how likely a text is spam, 0 to 1, with the tokens that told most; Known where enough was learned to say.
type Score struct {
	Value   float64
	Telling []Telling
	Known   bool
}

// Telling is a token with its weight: log-odds towards spam, below zero away from it.
type Telling struct {
	Token  string  `json:"token"`
	Weight float64 `json:"weight"`
}
