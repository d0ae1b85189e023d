package comment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
)

// Limits of a rule.
const (
	maxRuleName  = 120
	maxRuleLines = 20_000
	maxRuleLine  = 200 // characters
	maxRuleWords = 1 << 20
	maxTold      = 500
)

// RuleKinds are all kinds of rules, in the order in which they are offered.
var RuleKinds = []string{ruleWords, ruleLinks, ruleFirst, ruleCapitals, ruleDuplicate, ruleFast, ruleFlood, ruleSpam}

// bounds are from lowest to highest; a kind without one has no use for the number.
type bounds struct{ low, high float64 }

var (
	amountBounds = map[string]bounds{ruleLinks: {0, 100}, ruleCapitals: {0, 1}, ruleDuplicate: {0, 100}, ruleFlood: {0, 10_000}, ruleSpam: {0, 1}}
	secondBounds = map[string]bounds{ruleDuplicate: {1, 2_592_000}, ruleFast: {1, 86_400}, ruleFlood: {1, 86_400}}
	// shares are the kinds whose amount is a share; others count whole things.
	shares = map[string]bool{ruleCapitals: true, ruleSpam: true}
)

// CountsAmount reports whether rules of the kind look at their amount.
func CountsAmount(kind string) bool { _, ok := amountBounds[kind]; return ok }

// CountsSeconds reports whether rules of the kind look at their seconds.
func CountsSeconds(kind string) bool { _, ok := secondBounds[kind]; return ok }

// HasWords reports whether rules of the kind look at their words.
func HasWords(kind string) bool { return kind == ruleWords }

// check brings the rule to the shape that is stored, and says what is wrong with it. What its kind has no use for is emptied.
func (r *Rule) check() error {
	r.Name, r.Told = markup.Line(r.Name), markup.Line(r.Told)
	r.Words = tidyWords(r.Words)
	var c fault.Check
	c.That(slices.Contains(RuleKinds, r.Kind), "kind", "rule.kind.unknown")
	c.That(r.Name != "", "name", "rule.name.empty")
	c.That(utf8.RuneCountInString(r.Name) <= maxRuleName, "name", "rule.name.long")
	c.That(!markup.BadLine(r.Name), "name", "field.characters")
	c.That(strictness[r.Act] > 0, "act", "rule.act.unknown")
	c.That(utf8.RuneCountInString(r.Told) <= maxTold, "told", "rule.told.long")
	c.That(!markup.BadLine(r.Told), "told", "field.characters")
	c.That(r.CategoryID == 0 || r.ArticleID == 0, "where", "rule.where.both")
	r.checkNumbers(&c)
	if HasWords(r.Kind) {
		checkLines(&c, r.Words)
	} else {
		r.Words = ""
	}
	return c.Err()
}

func (r *Rule) checkNumbers(c *fault.Check) {
	a, ok := amountBounds[r.Kind]
	switch {
	case !ok:
		r.Amount = 0
	case shares[r.Kind]:
		c.That(r.Amount >= a.low && r.Amount <= a.high, "amount", "rule.amount.share")
	default:
		c.That(r.Amount >= a.low && r.Amount <= a.high && r.Amount == math.Trunc(r.Amount), "amount", fmt.Sprintf("rule.amount.count|%g", a.high))
	}
	s, ok := secondBounds[r.Kind]
	if !ok {
		r.Seconds = 0
		return
	}
	c.That(float64(r.Seconds) >= s.low && float64(r.Seconds) <= s.high, "seconds", fmt.Sprintf("rule.seconds.range|%g", s.high))
}

func tidyWords(words string) string {
	var lines []string
	for line := range strings.Lines(words) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// checkLines names the first line that can't match anything, rather than leave somebody believe that it does.
func checkLines(c *fault.Check, words string) {
	if words == "" {
		c.That(false, "words", "rule.words.empty")
		return
	}
	c.That(utf8.ValidString(words) && !strings.ContainsRune(words, 0), "words", "field.characters")
	c.That(strings.Count(words, "\n") < maxRuleLines && len(words) <= maxRuleWords, "words", "rule.words.many")
	n := 0
	for line := range strings.Lines(words) {
		n++
		line = strings.TrimSpace(line)
		at := fmt.Sprintf("|%d", n)
		c.That(utf8.RuneCountInString(line) <= maxRuleLine, "words", "rule.words.long"+at)
		c.That(len(wordsOf(line)) > 0, "words", "rule.words.nothing"+at)
		c.That(starsEndWords(line), "words", "rule.words.star"+at)
	}
}

// starsEndWords reports whether every star of a line stands at the end of a word, where it means something.
func starsEndWords(line string) bool {
	ends := map[int]bool{}
	for _, w := range wordsOf(line) {
		ends[w.end] = true
	}
	for i := range len(line) {
		if line[i] == '*' && (!ends[i] || i+1 < len(line) && line[i+1] != ' ') {
			return false
		}
	}
	return true
}

// checkPlace looks whether the category or article of a rule is there.
func checkPlace(ctx context.Context, tx pgx.Tx, r Rule) error {
	var there bool
	if err := tx.QueryRow(ctx, `
		SELECT ($1::bigint = 0 OR EXISTS (SELECT FROM categories WHERE id = $1)) AND ($2::bigint = 0 OR EXISTS (SELECT FROM articles WHERE id = $2))`,
		r.CategoryID, r.ArticleID).Scan(&there); err != nil {
		return err
	}
	if !there {
		return fault.Field("where", "rule.where.unknown")
	}
	return nil
}
