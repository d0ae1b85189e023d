package archtest

import (
	"maps"
	"slices"
)

// Groups of rooms that the plan speaks of together.
var (
	base  = []string{"address", "audit", "jobs", "limit", "settings"}
	nouns = []string{"article", "author", "comment", "front", "media", "reads", "report", "staff", "taxonomy"}
	tools = []string{"backup", "demo", "exporter", "importer", "seed"}
	faces = []string{"newsroom", "site"}
)

// plan says for each room which others its code may import directly; whatever isn't listed is forbidden, and so is a room that isn't here.
// Tests may import what they need.
var plan = map[string][]string{
	// Leaves know nothing of the others.
	"config": nil, "fault": nil, "lane": nil, "markup": nil, "pagecache": nil, "pglocal": nil, "receipt": nil, "shortcut": nil, "web": nil, "migrations": nil,
	"outbound": {"fault"},
	"akismet":  {"outbound"},
	"postgres": {"migrations"},

	"address": {"fault", "postgres"},
	"audit":   {"fault", "postgres"},
	"jobs":    {"fault", "postgres"},
	"limit":   {"fault", "postgres"},
	// Settings are changed by people, and every act leaves its trace.
	"settings": {"audit", "fault", "postgres"},
	// A letter is made of templates and words like a page.
	"mail": {"fault", "jobs", "page", "postgres", "settings"},

	"staff":    noun(),
	"taxonomy": noun("staff"),
	"media":    noun("outbound", "staff"),
	// A card is made of what the outside says, and keeps its picture.
	"card": {"fault", "markup", "media", "outbound", "staff"},
	// An author has a portrait.
	"author":  noun("media", "staff"),
	"article": noun("author", "media", "staff", "taxonomy"),
	"comment": noun("article", "staff", "taxonomy"),
	"report":  noun("article", "comment", "staff"),
	"front":   noun("article", "media", "staff", "taxonomy"),
	// Reads are counted, and nobody's: the room knows neither articles nor people.
	"reads": {"fault", "postgres"},

	"page": {"fault"},
	// A poster is drawn in the site's typefaces.
	"poster": {"web"},

	// A site is saved as what it is made of; the nouns' rules have no say in it.
	"backup":   {"media", "migrations", "pglocal", "postgres"},
	"demo":     tool(),
	"exporter": tool(),
	"importer": tool("outbound"),
	"seed":     tool(),

	"site":     face("poster"),
	"newsroom": face("card", "importer", "site"), // of site only what a preview needs

	"app":      slices.Concat([]string{"akismet", "card", "config", "fault", "lane", "mail", "markup", "migrations", "outbound", "page", "pagecache", "pglocal", "poster", "postgres", "shortcut", "web"}, base, nouns, tools, faces),
	"cmd/stet": slices.Concat([]string{"app", "config", "pglocal", "postgres"}, nouns, tools),

	// Tests only: no code may import them.
	"pgtest":   {"migrations", "pglocal", "postgres"},
	"mailtest": nil,
	"s3test":   nil,
	"archtest": nil,
	// Both faces and the letters hold their pages to the same.
	"pagetest": {"page"},
}

// testOnly are the rooms that only tests may import.
var testOnly = []string{"archtest", "mailtest", "pagetest", "pgtest", "s3test"}

func noun(more ...string) []string {
	return slices.Concat([]string{"fault", "mail", "markup", "postgres", "receipt"}, base, more)
}

func tool(more ...string) []string {
	return slices.Concat([]string{"fault", "mail", "markup", "postgres"}, base, nouns, more)
}

func face(more ...string) []string {
	return slices.Concat([]string{"fault", "mail", "markup", "page", "postgres"}, base, nouns, more)
}

// anywhere is the home of modules that extend the standard library without drawing a room towards anything.
var anywhere = slices.Collect(maps.Keys(plan))

// homes says for each outside package or module, by the longest prefix of its path, in which rooms code may import it. One that isn't
// listed is a stray; one with no home is for tests.
var homes = map[string][]string{
	// The application opens pools and hands them round; the command line hands on what it opened.
	"github.com/jackc/pgx/v5":                    slices.Concat([]string{"app", "cmd/stet", "mail", "pgtest", "postgres"}, base, nouns, tools),
	"github.com/jackc/puddle/v2":                 {"postgres"},
	"github.com/pressly/goose/v3":                {"migrations", "postgres"},
	"github.com/riverqueue/river":                {"jobs", "migrations"},
	"github.com/fergusstrange/embedded-postgres": {"pglocal"},
	"github.com/alexedwards/scs/v2":              {"newsroom", "staff"},
	"github.com/go-chi/chi/v5":                   {"app", "newsroom", "site"},
	"github.com/alecthomas/kong":                 {"cmd/stet"},
	"github.com/minio/minio-go/v7":               {"media"},
	"github.com/microcosm-cc/bluemonday":         {"markup"},
	"github.com/andybalholm/brotli":              {"page", "pagecache"}, // page packs assets, the cache pages
	"github.com/klauspost/compress":              {"pagecache"},
	"github.com/aymanbagabas/go-udiff":           {"markup"},
	"github.com/bep/imagemeta":                   {"media"},
	"github.com/gen2brain/avif":                  {"media"},
	"github.com/gen2brain/webp":                  {"media"},
	"github.com/gosimple/slug":                   {"address", "importer"},
	"github.com/wneessen/go-mail":                {"mail"},
	"golang.org/x/crypto":                        {"staff"},
	"golang.org/x/crypto/acme":                   {"app"},
	"golang.org/x/image":                         {"demo", "media", "poster"},
	"golang.org/x/net/dns/dnsmessage":            nil,
	"golang.org/x/net/html":                      {"card", "importer", "markup"}, // card and importer read foreign pages before markup cleans them
	"golang.org/x/net/idna":                      {"markup"},
	"golang.org/x/net/netutil":                   {"app"},
	"golang.org/x/sync":                          anywhere,
	"golang.org/x/text":                          anywhere,
	"github.com/andybalholm/cascadia":            nil,
	"github.com/chromedp/cdproto":                nil,
	"github.com/chromedp/chromedp":               nil,
	"github.com/jba/templatecheck":               nil,
}

// sealed is the one file that may call what text html/template shall trust: whatever it makes has passed a policy.
const sealed = "internal/markup/html.go"

// Sizes beyond which something is to be cut.
const (
	maxFileLines  = 600
	maxFuncLines  = 80
	maxParameters = 4
)
