// Package front is which article stands where: on the front page, in its lead package and in the band of each section, and on the front of a
// category.
//
// A place holds a line of placings, each from a time and perhaps until one. In force is the newest that has begun and not ended and whose
// article readers may see; what is not public yet waits, and until then the place keeps what it has. A place that nobody filled fills itself
// with the newest, and no article stands twice on one front. Every change is one act that can be taken back.
//
// The room must never change an article, never decide what is public, and never let one editor overwrite what another did unseen.
package front

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// How many places there are.
const (
	LeadPlaces = 4 // the lead and those beside it
	BandPlaces = 4 // of each section on the front page
)

// CanEdit reports whether the actor may change fronts.
func CanEdit(a staff.Actor) bool { return a.Can(staff.Editor) }

// Slot names a place of a front: of its lead package where Zone is 0, else of the band of that section. Place counts from 1.
type Slot struct {
	Zone  int64
	Place int
}

// String gives the slot as forms and anchors hold it; ParseSlot reads it.
func (s Slot) String() string { return fmt.Sprintf("%d.%d", s.Zone, s.Place) }

// ParseSlot reads a slot; what is none is a fault on the field. Whether the front has it the act decides.
func ParseSlot(field, text string) (Slot, error) {
	zone, place, _ := strings.Cut(text, ".")
	z, err := strconv.ParseInt(zone, 10, 64)
	p, err2 := strconv.Atoi(place)
	if err != nil || err2 != nil || z < 0 || p < 1 {
		return Slot{}, fault.Field(field, "front.place.unknown")
	}
	return Slot{Zone: z, Place: p}, nil
}

// zone is a part of a front as it is filled: its places in order, and what fills those that nobody filled, newest first.
type zone struct {
	section  int64
	size     int
	newest   []article.Card
	pictured bool // the first place shows a picture, so what fills it by itself had better have one
}

// Zone is a part of a front with what stands in its places: the lead package where Section is 0, else the band of a section.
type Zone struct {
	Section int64
	Places  []Place
}

// Cards are the articles that stand in the zone, in the order of their places.
func (z Zone) Cards() []article.Card {
	var out []article.Card
	for _, p := range z.Places {
		if p.Card != nil {
			out = append(out, *p.Card)
		}
	}
	return out
}

// Place is one place with what stands in it. Number counts all places of the front from 1. Card is nil where there is nothing to show, Placing
// 0 where the place fills itself.
type Place struct {
	Slot
	Number  int
	Card    *article.Card
	Placing int64
}

// placed is an article that an editor put in a place.
type placed struct {
	placing int64
	card    article.Card
}

// Standing is what editors placed on one front, as it holds at one moment. Next is when that changes by itself, zero where it doesn't.
type Standing struct {
	Category int64 // whose front it is; 0: the front page
	Next     time.Time
	lines    map[Slot][]placed // those that have begun and not ended, newest first
}

// Placed counts the articles that may stand in a place: so many more than it shows a list must hold to fill all others.
func (s Standing) Placed() int {
	n := 0
	for _, line := range s.lines {
		n += len(line)
	}
	return n
}

// Front fills the front page. lists are as Reader.Lists gives them; zones without anything are left in, empty.
func (s Standing) Front(tree taxonomy.Tree, lists map[int64][]article.Card) []Zone {
	zones := []zone{{size: LeadPlaces, newest: lists[0]}}
	for _, c := range tree.Children(0) {
		zones = append(zones, zone{section: c.ID, size: BandPlaces, newest: lists[c.ID], pictured: true})
	}
	return s.fill(zones)
}

// Lead fills the lead package of a category's front. newest is the category's list, newest first.
func (s Standing) Lead(newest []article.Card) Zone {
	return s.fill([]zone{{size: LeadPlaces, newest: newest}})[0]
}

// Led reports whether an editor filled a place of the lead package. Where none did a category has no lead package, only its list.
func (s Standing) Led() bool {
	for slot := range s.lines {
		if slot.Zone == 0 && slot.Place <= LeadPlaces {
			return true
		}
	}
	return false
}

// fill puts what editors placed first, in the order of the page, and then fills the rest with the newest.
func (s Standing) fill(zones []zone) []Zone {
	out := make([]Zone, len(zones))
	shown := map[int64]bool{}
	number := 0
	for i, z := range zones {
		out[i] = Zone{Section: z.section, Places: make([]Place, z.size)}
		for n := range out[i].Places {
			number++
			p := &out[i].Places[n]
			p.Slot, p.Number = Slot{z.section, n + 1}, number
			for _, one := range s.lines[p.Slot] {
				if !shown[one.card.ID] {
					p.Card, p.Placing = &one.card, one.placing
					shown[one.card.ID] = true
					break
				}
			}
		}
	}
	for i, z := range zones {
		out[i].fillRest(z, shown)
	}
	return out
}

// fillRest fills the places that editors left with the newest that stand nowhere else.
func (z *Zone) fillRest(from zone, shown map[int64]bool) {
	var free []int
	for i, p := range z.Places {
		if p.Card == nil {
			free = append(free, i)
		}
	}
	var picks []article.Card
	for _, c := range from.newest {
		if len(picks) < len(free) && !shown[c.ID] {
			shown[c.ID] = true
			picks = append(picks, c)
		}
	}
	if from.pictured && len(free) > 0 && free[0] == 0 {
		pictureFirst(picks)
	}
	for i := range picks {
		z.Places[free[i]].Card = &picks[i]
	}
}

// pictureFirst moves the newest card that has a picture to the front, for the place that shows one.
func pictureFirst(cards []article.Card) {
	i := slices.IndexFunc(cards, func(c article.Card) bool { return c.ImageID != 0 })
	if i <= 0 {
		return
	}
	with := cards[i]
	copy(cards[1:i+1], cards[:i])
	cards[0] = with
}
