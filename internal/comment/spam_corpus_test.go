package comment

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// labelled is a comment that people called spam or not.
type labelled struct {
	spam   bool
	tokens []string
}

// spamFiles reads the comments of several discussions, each the oldest first. A comment without a date stands where the next one with a
// date does: the files are the newest first.
func spamFiles(t *testing.T) [][]labelled {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/data/spam/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 3 {
		t.Log("corpus absent")
		paths = nil
		for _, name := range []string{"harbour", "orchard", "telephone"} {
			paths = append(paths, filepath.Join("testdata", "spam", name+".csv"))
		}
	}
	files := make([][]labelled, len(paths))
	for i, path := range paths {
		files[i] = spamFile(t, path)
	}
	return files
}

func spamFile(t *testing.T, path string) []labelled {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:]
	for i := len(rows) - 2; i >= 0; i-- {
		if rows[i][2] == "" {
			rows[i][2] = rows[i+1][2]
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[2], b[2]) })
	all := make([]labelled, len(rows))
	for i, row := range rows {
		all[i] = labelled{row[4] == "1", features(row[1], "", row[3])}
	}
	return all
}

func learnedFrom(start map[string]float64, comments ...[]labelled) *experience {
	x := &experience{tokens: map[string]seen{}, start: start}
	for _, c := range slices.Concat(comments...) {
		if c.spam {
			x.spam++
		} else {
			x.ham++
		}
		for _, token := range c.tokens {
			s := x.tokens[token]
			s.count(c.spam, 1)
			x.tokens[token] = s
		}
	}
	return x
}

// scores are those of the ham and of the spam, the lowest first.
func (x *experience) scores(comments []labelled) (ham, spam []float64) {
	for _, c := range comments {
		v := x.score(c.tokens).Value
		if c.spam {
			spam = append(spam, v)
		} else {
			ham = append(ham, v)
		}
	}
	slices.Sort(ham)
	slices.Sort(spam)
	return ham, spam
}

// cut is the score that no more than a share of these scores lie above.
func cut(ham []float64, share float64) float64 {
	slices.Sort(ham)
	return ham[len(ham)-1-int(share*float64(len(ham)))]
}

// shareAbove is the share of scores above a threshold.
func shareAbove(scores []float64, threshold float64) float64 {
	n := 0
	for _, s := range scores {
		if s > threshold {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

// aim is the share of ham that a threshold holds among the comments it is chosen on: below what is asked for, since others are judged by it.
const aim = 0.025

// trial is one training and what it does to comments that it never saw.
type trial struct{ ham, spam []float64 }

func (r trial) curve() (held [4]float64) {
	for i, share := range []float64{0.01, 0.02, 0.05, 0.10} {
		held[i] = math.Round(1000*shareAbove(r.spam, cut(r.ham, share))) / 10
	}
	return held
}

// TestSpamInAnotherDiscussion learns from all files but one and is tried on that one. The threshold is found in the same way among the
// files that were learned from.
func TestSpamInAnotherDiscussion(t *testing.T) {
	t.Parallel()
	files := spamFiles(t)
	off := rotation(t, files, nil)
	if off.spam < 0.60 || off.ham > 0.05 {
		t.Errorf("%.1f %% of spam held at %.1f %% of ham", 100*off.spam, 100*off.ham)
	}
	worse(t, off, rotation(t, files, startWeights))
}

type figures struct{ spam, ham float64 }

// worse fails where the start model lowers a figure.
func worse(t *testing.T, off, on figures) {
	t.Helper()
	t.Logf("start model off: %.1f %% of spam at %.1f %% of ham; on: %.1f %% at %.1f %%", 100*off.spam, 100*off.ham, 100*on.spam, 100*on.ham)
	if on.spam < off.spam || on.ham > max(off.ham, 0.05) {
		t.Errorf("the start model makes it worse")
	}
}

func rotation(t *testing.T, files [][]labelled, start map[string]float64) (mean figures) {
	t.Helper()
	for i, tried := range files {
		others := slices.Delete(slices.Clone(files), i, i+1)
		var ham []float64
		for j, left := range others {
			h, _ := learnedFrom(start, slices.Delete(slices.Clone(others), j, j+1)...).scores(left)
			ham = append(ham, h...)
		}
		mean.add(t, len(files), learnedFrom(start, others...), tried, cut(ham, aim))
	}
	return mean
}

func (f *figures) add(t *testing.T, of int, x *experience, tried []labelled, threshold float64) {
	t.Helper()
	var r trial
	r.ham, r.spam = x.scores(tried)
	spam, ham := shareAbove(r.spam, threshold), shareAbove(r.ham, threshold)
	t.Logf("%d comments: %.1f %% of spam held at %.1f %% of ham (threshold %.3f); at 1, 2, 5, 10 %% of ham: %v %%", len(tried), 100*spam, 100*ham, threshold, r.curve())
	f.spam += spam / float64(of)
	f.ham += ham / float64(of)
}

// TestSpamInOneNewsroom learns from the first 70 % of a file and all of the others, and is tried on the file's rest. The threshold is
// found by ten-fold cross-validation among what was learned from.
func TestSpamInOneNewsroom(t *testing.T) {
	t.Parallel()
	files := spamFiles(t)
	off := newsroom(t, files, nil)
	if off.spam < 0.80 || off.ham > 0.05 {
		t.Errorf("%.1f %% of spam held at %.1f %% of ham", 100*off.spam, 100*off.ham)
	}
	worse(t, off, newsroom(t, files, startWeights))
}

func newsroom(t *testing.T, files [][]labelled, start map[string]float64) (mean figures) {
	t.Helper()
	for i, file := range files {
		n := len(file) * 7 / 10
		learned := slices.Concat(slices.Concat(slices.Delete(slices.Clone(files), i, i+1)...), file[:n])
		mean.add(t, len(files), learnedFrom(start, learned), file[n:], cut(folds10(learned, start), aim))
	}
	return mean
}

func folds10(comments []labelled, start map[string]float64) (ham []float64) {
	const k = 10
	for i := range k {
		var in, out []labelled
		for j, c := range comments {
			if j%k == i {
				out = append(out, c)
			} else {
				in = append(in, c)
			}
		}
		h, _ := learnedFrom(start, in).scores(out)
		ham = append(ham, h...)
	}
	return ham
}
