package newsroom

import "stet/internal/page"

type authorsPage struct {
	frame
	CanEdit    bool
	Rows       []authorRow
	Faults     []mistake
	Name, Slug field
}

type authorRow struct{ URL, Name, Role, Person, Articles string }

// authorPage is a byline's profile. Delete is where to post to remove it, empty while articles carry it.
type authorPage struct {
	frame
	URL, Public, Delete          string
	CanEdit                      bool
	Faults                       []mistake
	Name, Role, Biography, Links field
	Slug, Portrait, Staff        field
	Picture                      picture
}

type categoriesPage struct {
	frame
	CanEdit                                   bool
	Rows                                      []categoryRow
	Faults                                    []mistake
	Name, Slug, Parent, Description, Position field
	Comments, CloseDays                       field
}

type categoryRow struct {
	URL, Name, Path string
	Depth, Position int
}

type categoryPage struct {
	frame
	URL, Public, Delete                       string
	CanEdit                                   bool
	Faults                                    []mistake
	Name, Slug, Parent, Description, Position field
	Comments, CloseDays                       field
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
	Faults           []mistake
	Name, Slug, Into field
}

type authorPages struct {
	list *page.Page[authorsPage]
	one  *page.Page[authorPage]
}

func parseAuthors(s *page.Set) authorPages {
	return authorPages{page.Must[authorsPage](s, "newsroom/authors.html"), page.Must[authorPage](s, "newsroom/author.html")}
}

type categoryPages struct {
	list *page.Page[categoriesPage]
	one  *page.Page[categoryPage]
}

func parseCategories(s *page.Set) categoryPages {
	return categoryPages{page.Must[categoriesPage](s, "newsroom/categories.html"), page.Must[categoryPage](s, "newsroom/category.html")}
}

type tagPages struct {
	list *page.Page[tagsPage]
	one  *page.Page[tagPage]
}

func parseTags(s *page.Set) tagPages {
	return tagPages{page.Must[tagsPage](s, "newsroom/tags.html"), page.Must[tagPage](s, "newsroom/tag.html")}
}
