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
	Articles   []piece
	Pages      []piece
}

type site struct {
	Title, Motto, Description, Language, Zone string
	ContactEmail                              string `json:"contact_email"`
	Comments                                  string
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
	Children                []category
}

// piece is an article or a page.
type piece struct {
	Slug, Headline, Standfirst, Kicker, Dateline, Label, Language string
	Category                                                      string
	Also, Tags, Authors                                           []string
	Image                                                         *picture
	Comments                                                      string
	By                                                            string
	Ago                                                           ago
	Note                                                          string
	Acts                                                          []act
	Thread                                                        []said
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
	Replies            []said
}

type decision struct {
	Act, By, Reason string
	Ago             ago
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
