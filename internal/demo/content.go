package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"time"
)

//go:embed content/demo.json content/articles content/notices content/pages content/pictures
var files embed.FS

// content is demo.json; content/README.md says what its fields mean.
type content struct {
	Site       site
	Staff      []person
	Pictures   []picture
	Authors    []profile
	Categories []category
	Fronts     []placing
	Rules      []rule
	Articles   []piece
	Pages      []piece
}

type site struct {
	Title, Motto, Description, Language, Zone string
	ContactEmail                              string `json:"contact_email"`
	Comments                                  string
	TrustAfter                                int      `json:"trust_after"`
	TrustDays                                 int      `json:"trust_days"`
	SecondOpinions                            int      `json:"second_opinions"`
	SavedReasons                              []string `json:"saved_reasons"`
	Social                                    []link
}

type link struct{ Name, URL string }

type person struct {
	Key, Name, Email string
	Roles            []string
}

type picture struct{ File, Alt, Caption, Credit string }

type profile struct {
	Slug, Name, Role, Staff, Portrait, Biography string
	Links                                        []link
}

type category struct {
	Slug, Name, Description string
	Comments                string
	CloseDays               *int `json:"comments_close_days"`
	Children                []category
}

// placing puts an article in a place of a front.
type placing struct {
	Ago            ago
	By, Article    string
	Front, Section string
	Place          int
	Until          string
}

// rule looks for words in comments.
type rule struct {
	Ago            ago
	By, Kind       string
	Name, Act      string
	Category, Told string
	Words          []string
	PassTrusted    bool `json:"pass_trusted"`
	Active         bool
}

// piece is an article or a page.
type piece struct {
	Slug, Headline, Standfirst, Kicker, Dateline, Label, Language string
	Category                                                      string
	Also, Tags, Authors                                           []string
	Image                                                         *picture
	Comments                                                      string
	Live                                                          bool
	By                                                            string
	Ago                                                           ago
	Note                                                          string
	Acts                                                          []act
	Thread                                                        []said
	Errors                                                        []mistake
}

type act struct {
	Act, By string
	Ago     ago
	At      string
	Notice  string
	Pinned  bool
	Amends  int
	Edits   []edit
	Note    string
}

type edit struct{ Field, From, To string }

// said is a comment of a reader, or of somebody of the staff.
type said struct {
	Name, Email, Staff string
	Ago                ago
	Body               string
	Acts               []decision
	Reports            []complaint
	Replies            []said
}

// decision is an act on a comment, by a moderator or by who wrote it.
type decision struct {
	Act, By, Reason, Body string
	Ago                   ago
	Days                  int
	Domain                bool
}

// complaint is a reader's report of a comment.
type complaint struct {
	Ago                                 ago
	Reason, Ground, Detail, Name, Email string
	Acts                                []ruling
}

type ruling struct {
	Act, By, Answer string
	Ago             ago
}

// mistake is an error in an article that a reader reports.
type mistake struct {
	Ago                      ago
	Quote, Body, Name, Email string
	Credit                   bool
	Acts                     []finding
}

type finding struct {
	Act, By, Reason string
	Ago             ago
	Notice          int
}

// ago is how long before the making of the demo something happened.
type ago time.Duration

// UnmarshalText reads what time.ParseDuration does.
func (a *ago) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*a = ago(d)
	return err
}

func read() (*content, error) {
	b, err := files.ReadFile("content/demo.json")
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	c := &content{}
	return c, dec.Decode(c)
}

// text is a file of HTML; folder is articles, pages or notices.
func text(folder, name string) (string, error) {
	b, err := files.ReadFile("content/" + folder + "/" + name)
	return string(b), err
}
