package newsroom

import (
	"net/http"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/report"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Door says who may come to an address at all. What may be done there to which thing, its noun decides on the locked row.
type Door func(staff.Actor) bool

// The doors.
func open(staff.Actor) bool            { return true }
func signedIn(a staff.Actor) bool      { return a.ID != 0 }
func writes(a staff.Actor) bool        { return a.Can(staff.Contributor) }
func moderates(a staff.Actor) bool     { return comment.CanModerate(a) }
func manages(a staff.Actor) bool       { return staff.CanManage(a) }
func edits(a staff.Actor) bool         { return a.Can(staff.Editor) }
func administers(a staff.Actor) bool   { return a.Can(staff.Admin) }
func uploads(a staff.Actor) bool       { return media.CanAdd(a) }
func keepsSections(a staff.Actor) bool { return taxonomy.CanEdit(a) }
func seesErrors(a staff.Actor) bool    { return report.CanSee(a) }
func arranges(a staff.Actor) bool      { return front.CanEdit(a) }
func makesAuthors(a staff.Actor) bool  { return author.CanCreate(a) }

// Route is one row of the table of what the newsroom answers: who comes in, and for an address of one article in which of its
// states. The same rows register the handlers and are driven, each, by a test.
type Route struct {
	Method, Pattern string
	Door            Door
	// Rule is the noun's own, nil where the article's state doesn't matter.
	Rule    func(staff.Actor, article.State) bool
	handler handler
}

// Allows reports whether actor may use the route, on an article in state s where it is about one.
func (r Route) Allows(actor staff.Actor, s article.State) bool {
	return r.Door(actor) && (r.Rule == nil || r.Rule(actor, s))
}

// Routes lists the whole table.
func Routes() []Route {
	return areas{sign: &sign{}, account: &account{}, articles: &articles{}, acts: &acts{}, desk: &desk{}, comments: &comments{}, authors: &authors{}, categories: &categories{},
		tags: &tags{}, media: &pictures{}, find: &find{}, cards: &cards{}, people: &people{}, house: &house{}, corrections: &corrections{}, complaints: &complaints{}, rules: &rules{}, breaking: &breaking{}, readings: &readings{}, fronts: &fronts{}}.table()
}

// areas are the rooms of the newsroom, one file each.
type areas struct {
	sign       *sign
	account    *account
	articles   *articles
	acts       *acts
	desk       *desk
	comments   *comments
	authors    *authors
	categories *categories
	tags       *tags
	media      *pictures
	find       *find
	cards      *cards
	people     *people
	house      *house

	corrections *corrections
	complaints  *complaints
	rules       *rules
	breaking    *breaking
	readings    *readings
	fronts      *fronts
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

func (a areas) table() []Route {
	var all []Route
	for _, rows := range [][]Route{a.doorRoutes(), a.articleRoutes(), a.acts.routes(), a.desk.routes(), a.commentRoutes(), a.corrections.routes(), a.complaints.routes(), a.rules.routes(), a.fronts.routes(), a.deskRoutes(), a.media.routes(), a.houseRoutes(), a.breaking.routes(), a.readings.routes()} {
		all = append(all, rows...)
	}
	return all
}

func (a areas) doorRoutes() []Route {
	return []Route{
		{get, "/newsroom", signedIn, nil, a.desk.home},
		{get, "/newsroom/", signedIn, nil, a.desk.home},
		{get, "/newsroom/login", open, nil, a.sign.show},
		{post, "/newsroom/login", open, nil, a.sign.in},
		{post, "/newsroom/logout", open, nil, a.sign.out},
		{get, "/newsroom/account", signedIn, nil, a.account.show},
		{post, "/newsroom/account/password", signedIn, nil, a.account.password},
		{post, "/newsroom/account/sessions/{session}/end", signedIn, nil, a.account.end},
	}
}

func (a areas) articleRoutes() []Route {
	const one = "/newsroom/articles/{id}"
	return []Route{
		{get, "/newsroom/articles", writes, nil, a.articles.list},
		{post, "/newsroom/articles", writes, nil, a.articles.create},
		{get, one, writes, article.CanSee, a.articles.show},
		{post, one, writes, article.CanSave, a.articles.save},
		{post, one + "/autosave", writes, article.CanSave, a.articles.autosave},
		{post, one + "/presence", writes, article.CanSee, a.articles.presence},
		{get, one + "/revisions", writes, article.CanSee, a.articles.revisions},
		{get, one + "/compare", writes, article.CanSee, a.articles.compare},
		{post, one + "/revisions/{number}/restore", writes, article.CanSave, a.articles.restore},
		{get, one + "/overlaps/{number}", writes, article.CanSee, a.articles.overlap},
		{post, one + "/overlaps/{number}", writes, article.CanSave, a.articles.resolve},
		{get, one + "/publish", writes, article.CanPublish, a.acts.askPublish},
		{post, one + "/publish", writes, article.CanPublish, a.acts.publish},
		{get, one + "/updates", writes, article.CanAppend, a.acts.askUpdate},
		{post, one + "/updates", writes, article.CanAppend, a.acts.update},
		{get, one + "/notices/{number}", writes, article.CanAppend, a.acts.askAmend},
		{post, one + "/notices/{number}", writes, article.CanAppend, a.acts.amend},
	}
}

// routes gives each of the other acts a page that asks and an address that does it.
func (a *acts) routes() []Route {
	var rows []Route
	for _, what := range articleActs {
		at := "/newsroom/articles/{id}/" + what.name
		rows = append(rows, Route{get, at, writes, what.rule, a.ask(what)}, Route{post, at, writes, what.rule, a.perform(what)})
	}
	return rows
}

func (u *rules) routes() []Route {
	return []Route{
		{get, "/newsroom/rules", moderates, nil, u.list},
		{post, "/newsroom/rules", moderates, nil, u.create},
		{get, "/newsroom/rules/new", moderates, nil, u.begin},
		{get, "/newsroom/rules/{id}", moderates, nil, u.show},
		{post, "/newsroom/rules/{id}", moderates, nil, u.change},
		{post, "/newsroom/rules/{id}/delete", moderates, nil, u.remove},
		{post, "/newsroom/rules/{id}/restore", moderates, nil, u.restore},
	}
}

func (a areas) deskRoutes() []Route {
	return []Route{
		{get, "/newsroom/media/find", writes, nil, a.find.pictures},
		{get, "/newsroom/find", writes, nil, a.find.articles},
		{get, "/newsroom/tags/find", writes, nil, a.find.tags},
		{post, "/newsroom/cards", uploads, nil, a.cards.make},
		{get, "/newsroom/authors", writes, nil, a.authors.list},
		{post, "/newsroom/authors", makesAuthors, nil, a.authors.create},
		{get, "/newsroom/authors/{id}", writes, nil, a.authors.show},
		{post, "/newsroom/authors/{id}", writes, nil, a.authors.save},
		{post, "/newsroom/authors/{id}/delete", makesAuthors, nil, a.authors.remove},
		{get, "/newsroom/categories", writes, nil, a.categories.list},
		{post, "/newsroom/categories", keepsSections, nil, a.categories.create},
		{get, "/newsroom/categories/{id}", writes, nil, a.categories.show},
		{post, "/newsroom/categories/{id}", keepsSections, nil, a.categories.save},
		{post, "/newsroom/categories/{id}/delete", keepsSections, nil, a.categories.remove},
		{get, "/newsroom/tags", writes, nil, a.tags.list},
		{get, "/newsroom/tags/{id}", writes, nil, a.tags.show},
		{post, "/newsroom/tags/{id}", keepsSections, nil, a.tags.save},
		{post, "/newsroom/tags/{id}/merge", keepsSections, nil, a.tags.merge},
		{post, "/newsroom/tags/{id}/delete", keepsSections, nil, a.tags.remove},
	}
}

func (a areas) houseRoutes() []Route {
	rows := []Route{
		{get, "/newsroom/users", manages, nil, a.people.list},
		{post, "/newsroom/users", manages, nil, a.people.add},
		{get, "/newsroom/users/{id}", manages, nil, a.people.show},
		{post, "/newsroom/users/{id}", manages, nil, a.people.save},
		{post, "/newsroom/users/{id}/password", manages, nil, a.people.password},
		{get, "/newsroom/settings", administers, nil, a.house.showSettings},
		{post, "/newsroom/settings", administers, nil, a.house.saveSettings},
		{get, "/newsroom/audit", administers, nil, a.house.audit},
	}
	for _, what := range personActs {
		rows = append(rows, Route{post, "/newsroom/users/{id}/" + what.name, manages, nil, a.people.perform(what)})
	}
	return rows
}
