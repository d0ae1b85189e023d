package newsroom

import "stet/internal/page"

type authorsPage struct {
	frame
	CanEdit    bool
	Rows       []authorRow
	Faults     []fault
	Name, Slug field
}

type authorRow struct{ URL, Name, Role, Person string }

// authorPage is a byline's profile. Delete is where to post to remove it, empty while articles carry it.
type authorPage struct {
	frame
	URL, Public, Delete          string
	CanEdit                      bool
	Faults                       []fault
	Name, Role, Biography, Links field
	Slug, Portrait, Staff        field
	Picture                      picture
}

type categoriesPage struct {
	frame
	CanEdit                                   bool
	Rows                                      []categoryRow
	Faults                                    []fault
	Name, Slug, Parent, Description, Position field
}

type categoryRow struct {
	URL, Name, Path string
	Depth, Position int
}

type categoryPage struct {
	frame
	URL, Public, Delete                       string
	CanEdit                                   bool
	Faults                                    []fault
	Name, Slug, Parent, Description, Position field
}

type tagsPage struct {
	frame
	Filter filter
	Rows   []tagRow
	Foot   foot
}

type tagRow struct{ URL, Name, Slug, Articles string }

// tagPage is one tag. Into names the tag that this one is to become part of.
type tagPage struct {
	frame
	URL, Public      string
	CanEdit          bool
	Faults           []fault
	Name, Slug, Into field
}

// mediaPage lists pictures and files by the day they came.
type mediaPage struct {
	frame
	CanUpload                  bool
	Filter                     filter
	Days                       []mediaDay
	Foot                       foot
	None                       string
	Faults                     []fault
	File, Alt, Caption, Credit field
}

type mediaDay struct {
	Day      string
	Pictures []mediaRow
}

type mediaRow struct {
	picture
	Caption, Credit, Lacks string
}

// picturePage is one picture with its words; Missing says where an import looked for bytes that weren't there.
type picturePage struct {
	frame
	URL, Said, Missing                   string
	CanEdit                              bool
	Faults                               []fault
	Picture                              picture
	Uses                                 []page.Link
	Alt, Caption, Credit, FocalX, FocalY field
	Facts                                []fact
}

type deskPages struct {
	authors    *page.Page[authorsPage]
	author     *page.Page[authorPage]
	categories *page.Page[categoriesPage]
	category   *page.Page[categoryPage]
	tags       *page.Page[tagsPage]
	tag        *page.Page[tagPage]
	media      *page.Page[mediaPage]
	picture    *page.Page[picturePage]
}

func parseDesk(s *page.Set) deskPages {
	return deskPages{
		authors:    page.Must[authorsPage](s, "newsroom/authors.html"),
		author:     page.Must[authorPage](s, "newsroom/author.html"),
		categories: page.Must[categoriesPage](s, "newsroom/categories.html"),
		category:   page.Must[categoryPage](s, "newsroom/category.html"),
		tags:       page.Must[tagsPage](s, "newsroom/tags.html"),
		tag:        page.Must[tagPage](s, "newsroom/tag.html"),
		media:      page.Must[mediaPage](s, "newsroom/media.html"),
		picture:    page.Must[picturePage](s, "newsroom/picture.html"),
	}
}
