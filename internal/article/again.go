package article

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
)

// sentDigits is how much longer sentKey's keys are than those of their forms.
const sentDigits = 1 + 2*sha256.Size

// sentKey is the key of one submission of a form: the form's own with what was sent. The same again is one act; a form that was taken out of
// the browser's history and written on brings new words under its old key, and they must not be answered as those before.
func sentKey(key string, in any) (string, error) {
	if key == "" {
		return "", nil
	}
	sent, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(sent)
	return key + "/" + hex.EncodeToString(sum[:]), nil
}

// wentOn gives what the form of in holds back. To what it names itself comes what the same form, under its key, saved for the same person
// before: it knows those words, since it sent them, and is asked about them no more than a form that took its answer. What others changed
// between remains theirs. Tags and further categories need no base: they join by their values.
func wentOn(ctx context.Context, a *locked, in SaveIn) ([]Held, error) {
	if in.Key == "" || in.Base == a.Head {
		return in.Held, nil
	}
	numbers, err := savedByForm(ctx, a, in)
	if err != nil || len(numbers) == 0 {
		return in.Held, err
	}
	known := map[string]int{}
	for _, number := range numbers {
		was, err := readRevision(ctx, a.tx, a.ID, number[0])
		if err != nil {
			return nil, err
		}
		is, err := readRevision(ctx, a.tx, a.ID, number[1])
		if err != nil {
			return nil, err
		}
		for _, name := range is.changes(was) {
			known[name] = number[1]
		}
	}
	out := slices.DeleteFunc(slices.Clone(in.Held), func(h Held) bool { return known[h.Name] != 0 })
	for name, number := range known {
		out = append(out, Held{name, number})
	}
	if len(out) > maxHeld || len(numbers) >= maxHeldRevisions { // so much is asked about
		return in.Held, nil
	}
	return out, nil
}

// savedByForm lists the revisions that the form made since its base, oldest first, each after the one that it was put upon.
func savedByForm(ctx context.Context, a *locked, in SaveIn) ([][2]int, error) {
	rows, err := a.tx.Query(ctx, `
		SELECT (SELECT max(p.number) FROM revisions p WHERE p.article_id = r.article_id AND p.number < r.number AND NOT p.aside), r.number
		FROM submissions s
		JOIN revisions r ON r.article_id = s.article_id AND r.number = s.result AND r.at = s.at
		WHERE s.article_id = $1 AND s.act IN ('save', 'resolve') AND left(s.key, -$2::integer) = $3 AND r.by = $4 AND r.number > $5 AND NOT r.aside
		ORDER BY r.number`, a.ID, sentDigits, in.Key, a.actor.ID, in.Base)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (n [2]int, err error) { return n, row.Scan(&n[0], &n[1]) })
}

// changes names the blocks and fields that r has otherwise than the revision before it, lists apart.
func (r *revision) changes(was revision) []string {
	out := markup.Altered(was.blocks, r.blocks)
	for _, name := range fieldNames {
		if name != "tags" && name != "also" && r.differs(name, &was) {
			out = append(out, name)
		}
	}
	return out
}
