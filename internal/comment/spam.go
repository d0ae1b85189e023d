package comment

import (
	"cmp"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
)

// The filter is naive Bayes over the tokens of features, each counted once a comment. The sum of the tokens' log-odds is divided by a power
// of their number, because the words of a long comment aren't as independent as the theorem has them: that holds more spam than the plain
// sum, than its 15 most telling tokens alone, and than Robinson and Fisher's combination, and as much as a logistic regression over the same
// tokens, which couldn't unlearn a comment without reading all the others again.
const (
	unseen   = 0.5  // what every token is taken to have stood in besides, of either kind
	evening  = 0.75 // the power; 1 would be the mean
	maxTells = 12

	// enough is how many comments of each kind are learned before they count.
	enough = 10
	// fading is after how many comments the start model weighs a quarter of what it did.
	fading = 50
)

// experience is what was learned of some tokens: in how many comments of how many each stood.
type experience struct {
	ham, spam int
	tokens    map[string]seen
	start     map[string]float64 // weights to begin with; nil: none
}

type seen struct{ ham, spam int }

// weight is what a token tells, and how much of it is known: 1 where it was learned, less where only a fading start model has it.
func (x *experience) weight(token string) (w, known float64) {
	faded := 1.0
	if x.ham >= enough && x.spam >= enough {
		faded = math.Pow(fading/(fading+float64(x.ham+x.spam)), 2)
		if s, ok := x.tokens[token]; ok {
			w, known = logShare(s.spam, x.spam)-logShare(s.ham, x.ham), 1
		}
	}
	if start, ok := x.start[token]; ok {
		return (1-faded)*w + faded*start, max(known, faded)
	}
	return w, known
}

func logShare(in, of int) float64 { return math.Log((float64(in) + unseen) / (float64(of) + 2*unseen)) }

func (x *experience) score(tokens []string) Score {
	var s Score
	sum, known := 0.0, 0.0
	for _, t := range tokens {
		if w, k := x.weight(t); k > 0 {
			sum += w
			known += k
			s.Telling = append(s.Telling, Telling{t, math.Round(w*100) / 100})
		}
	}
	if len(s.Telling) == 0 {
		return s
	}
	s.Known = true
	s.Value = 1 / (1 + math.Exp(-sum/math.Pow(known+1, evening)))
	slices.SortStableFunc(s.Telling, func(a, b Telling) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	s.Telling = slices.Clip(s.Telling[:min(len(s.Telling), maxTells)])
	return s
}

// queueScore asks for what readScore reads, with whatever else the batch asks for.
func queueScore(b *pgx.Batch, tokens []string) {
	b.Queue(`
		SELECT a.ham AS all_ham, a.spam AS all_spam, coalesce(t.token, '') AS token, coalesce(t.ham, 0) AS ham, coalesce(t.spam, 0) AS spam
		FROM spam_totals a
		LEFT JOIN spam_tokens t ON t.token = ANY ($1)`, tokens)
}

// readScore reads the answer to queueScore, when it is its turn among the results.
func readScore(r pgx.BatchResults, tokens []string) (Score, error) {
	rows, err := r.Query()
	if err != nil {
		return Score{}, err
	}
	x := experience{tokens: map[string]seen{}, start: startWeights}
	var token string
	var s seen
	if _, err := pgx.ForEachRow(rows, []any{&x.ham, &x.spam, &token, &s.ham, &s.spam}, func() error {
		x.tokens[token] = s
		return nil
	}); err != nil {
		return Score{}, err
	}
	return x.score(tokens), nil
}
