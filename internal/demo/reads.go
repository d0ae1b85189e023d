package demo

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"stet/internal/reads"
)

// How an audience reads: most within the first days, by day more than by night.
const (
	fading    = 40 * time.Hour
	lasting   = 0.02 // of the first hour's reads, long afterwards
	firstHour = 90.0
)

// peruse has made-up readers read everything that is public, from when it appeared.
func (s *story) peruse(ctx context.Context) error {
	var all []reads.Read
	for _, w := range s.works {
		if i := slices.IndexFunc(w.Acts, func(a act) bool { return a.Act == "publish" }); i >= 0 && w.path != "" {
			all = append(all, s.readersOf(w, time.Duration(w.Acts[i].Ago))...)
		}
	}
	return s.reads.Add(ctx, all)
}

// readersOf are the reads of a piece that appeared so long ago. They are the same at every making.
func (s *story) readersOf(w *work, since time.Duration) (out []reads.Read) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(w.Slug)) // a hash takes everything
	liked := 0.2 + float64(h.Sum32()%100)/100
	for age := time.Duration(0); age <= min(since, reads.Kept-time.Hour); age += time.Hour {
		at := s.made.Add(-age)
		awake := 0.55 - 0.45*math.Cos(2*math.Pi*float64(at.In(s.zone).Hour()-3)/24)
		left := math.Exp(-float64(since-age)/float64(fading)) + lasting
		out = append(out, reads.Read{Article: w.id, At: at, N: int64(firstHour * liked * awake * left)})
	}
	return out
}
