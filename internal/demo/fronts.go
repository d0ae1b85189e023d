package demo

import (
	"context"
	"fmt"
	"time"

	"stet/internal/front"
)

// planFronts adds what editors put on the front page and on fronts of categories.
func (s *story) planFronts(add func(ago, func(context.Context) error)) {
	for _, p := range s.content.Fronts {
		add(p.Ago, func(ctx context.Context) error {
			if err := s.place(ctx, p); err != nil {
				return fmt.Errorf("place %d of a front: %w", p.Place, err)
			}
			return nil
		})
	}
}

func (s *story) place(ctx context.Context, p placing) error {
	w := s.works[p.Article]
	if w == nil {
		return fmt.Errorf("there is no article %q", p.Article)
	}
	by, category := s.people[p.By], s.categories[p.Front]
	b, err := s.fronts.Board(ctx, by, category, time.Time{})
	if err != nil {
		return err
	}
	in := front.PutIn{Category: category, To: front.Slot{Zone: s.categories[p.Section], Place: p.Place}, Article: w.id, Seen: b.Seen}
	if p.Until != "" {
		if in.Until, err = s.tomorrow(p.Until); err != nil {
			return err
		}
	}
	_, err = s.fronts.Put(ctx, by, in)
	return err
}
