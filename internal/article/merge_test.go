package article

import (
	"errors"
	"slices"
	"testing"

	"stet/internal/fault"
	"stet/internal/markup"
)

func TestMergeFields(t *testing.T) {
	base := revision{Headline: "Base", Standfirst: "Base", Category: 1, CategorySlug: "one", Tags: []string{"a", "b"}, Also: []int64{5}, AlsoSlugs: []string{"five"},
		blocks: []markup.Block{{ID: "aaaaaaaa", HTML: "<p>One</p>"}, {ID: "bbbbbbbb", HTML: "<p>Two</p>"}}}
	mine, theirs := base, base
	mine.Headline, mine.Tags, mine.blocks = "Mine", []string{"a", "b", "c"}, []markup.Block{{ID: "aaaaaaaa", HTML: "<p>One, mine</p>"}, base.blocks[1]}
	theirs.Standfirst, theirs.Category, theirs.CategorySlug, theirs.Tags = "Theirs", 2, "two", []string{"b", "d"}
	theirs.blocks = []markup.Block{base.blocks[0], {ID: "bbbbbbbb", HTML: "<p>Two, theirs</p>"}}
	theirs.Also, theirs.AlsoSlugs, theirs.bylines = nil, nil, []ContentByline{{Text: "A Name"}}

	var o Overlap
	got := merge(base, mine, theirs, &o)
	if o.found() {
		t.Fatalf("merge asks about %v and %v, want nothing", o.Fields, o.Blocks)
	}
	if got.Headline != "Mine" || got.Standfirst != "Theirs" || got.Category != 2 || got.CategorySlug != "two" || len(got.Also) != 0 || len(got.bylines) != 1 {
		t.Errorf("merge = %+v", got)
	}
	if want := []string{"b", "c", "d"}; !slices.Equal(got.Tags, want) {
		t.Errorf("tags = %v, want %v: additions of both, the removal held", got.Tags, want)
	}
	if got.blocks[0].HTML != "<p>One, mine</p>" || got.blocks[1].HTML != "<p>Two, theirs</p>" {
		t.Errorf("blocks = %v, want both edits", got.blocks)
	}
}

func TestMergeOverlap(t *testing.T) {
	base := revision{Headline: "Base", Kicker: "Base"}
	mine, theirs := base, base
	mine.Headline, theirs.Headline = "Mine", "Theirs"
	mine.Kicker, theirs.Kicker = "Same", "Same"
	var o Overlap
	got := merge(base, mine, theirs, &o)
	if !slices.Equal(o.Fields, []string{"headline"}) {
		t.Errorf("fields that overlap = %v, want the headline alone", o.Fields)
	}
	if got.Headline != "Mine" || got.Kicker != "Same" {
		t.Errorf("merge = %+v, want mine where they overlap", got)
	}
	if !errors.Is(&o, fault.Conflict) {
		t.Error("an Overlap is no fault.Conflict")
	}
}

func TestMergeList(t *testing.T) {
	base := []string{"a", "b", "c"}
	for _, tt := range []struct{ mine, theirs, want []string }{
		{base, []string{"c", "a", "b"}, []string{"c", "a", "b"}},                              // what others moved stays moved
		{[]string{"b", "c", "x"}, []string{"y", "a", "b", "c"}, []string{"y", "b", "c", "x"}}, // what was added stands where it was put
		{[]string{"a", "b", "c", "x"}, []string{"a", "b", "c", "x"}, []string{"a", "b", "c", "x"}},
		{nil, base, nil},
	} {
		if got, other := list(base, tt.mine, tt.theirs), list(base, tt.theirs, tt.mine); !slices.Equal(got, tt.want) || !slices.Equal(other, tt.want) {
			t.Errorf("%q and %q = %q, the other way %q, want %q", tt.mine, tt.theirs, got, other, tt.want)
		}
	}
}
