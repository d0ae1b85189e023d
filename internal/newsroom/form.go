package newsroom

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"stet/internal/page"
)

// field is one control of a form with its words, what stands in it and what is wrong with that.
type field struct {
	ID, Name string
	// Label is a key of the catalogue; Hint and Ghost (shown while the field is empty) are finished texts.
	Label, Hint, Ghost string
	Value, Fault       string
	// Type is the input's, "text" where empty; Rows makes it a textarea, Options a choice.
	Type    string
	Rows    int
	Options []option
	Suggest []option
	// Several, of a line that holds names with commas between, is where a script asks for those that are known: with q, as {"names": […]}. It is
	// "#" where Suggest has them all.
	Several string

	Class, Auto, Dir, Accept, Mode string
	// Changed are the blocks of a text that readers haven't seen, as ids with spaces between.
	Changed string
	// Form is the id of the form that the field belongs to, where it stands outside of it.
	Form string
	// Editor is what the text is, where a script may put an editor over the field; Lang is the language it is written in.
	Editor, Lang                 string
	Required, Focus, Serif, Wide bool
}

// option is one of several values of a field.
type option struct {
	Value, Text, Hint string
	Chosen            bool
}

// Described lists the ids of the texts that explain the field, for aria-describedby.
func (f field) Described() string {
	switch {
	case f.Hint != "" && f.Fault != "":
		return f.ID + "-hint " + f.ID + "-err"
	case f.Hint != "":
		return f.ID + "-hint"
	case f.Fault != "":
		return f.ID + "-err"
	}
	return ""
}

// form fills fields, with what a noun holds at first and with what somebody typed when it couldn't be taken: the same code
// for both, so that nothing typed is lost. Words is the area its labels belong to.
type form struct {
	words  string
	values url.Values
	faults map[string]string
}

// field is a line of text. Its label is the key newsroom.WORDS.NAME, its hint that key with "-hint" where the catalogue has it.
func (f form) field(name string) field {
	key := "newsroom." + f.words + "." + name
	out := field{ID: name, Name: name, Label: key, Value: f.values.Get(name), Fault: f.faults[name], Dir: "auto"}
	if page.Known(key + "-hint") {
		out.Hint = page.T(key + "-hint")
	}
	return out
}

// must is a field that can't stay empty.
func (f form) must(name string) field {
	out := f.field(name)
	out.Required = true
	return out
}

// typed is a field of one of HTML's input types; a password is never given back.
func (f form) typed(name, kind string) field {
	out := f.field(name)
	out.Type, out.Dir = kind, ""
	if kind == "password" || kind == "file" {
		out.Value = ""
	}
	return out
}

// area is a field of several lines.
func (f form) area(name string, rows int) field {
	out := f.field(name)
	out.Rows = rows
	return out
}

// pick is one of several values, or with the partial newsroom-ticks any number of them.
func (f form) pick(name string, options []option) field {
	out := f.field(name)
	out.Dir = ""
	out.Options = choose(options, f.values[name])
	return out
}

// tick is yes or no; Value is empty for no.
func (f form) tick(name string) field {
	out := f.field(name)
	if !ticked(f.values[name]) {
		out.Value = ""
	}
	return out
}

// ticked reports what a checkbox says. A hidden 0 goes before each, so that an unticked one is told from one that wasn't in
// the form; the last value counts.
func ticked(values []string) bool {
	if len(values) == 0 {
		return false
	}
	switch values[len(values)-1] {
	case "", "0", "false", "off", "no":
		return false
	}
	return true
}

func choose(options []option, values []string) []option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = slices.Contains(values, out[i].Value)
	}
	return out
}

// mistake is a fault in the list above a long form; ID leads to its field and is empty for the form as a whole.
type mistake struct{ ID, Text string }

// all lists the faults for the head of the form, where a field may be out of sight or the fault may have none.
func (f form) all() []mistake {
	var out []mistake
	for _, name := range slices.Sorted(maps.Keys(f.faults)) {
		out = append(out, mistake{ID: name, Text: f.faults[name]})
	}
	return out
}

// renamed is all with the ids of those fields whose element has another id than their name.
func (f form) renamed(ids map[string]string) []mistake {
	out := f.all()
	for i, m := range out {
		if id, ok := ids[m.ID]; ok {
			out[i].ID = id
		}
	}
	return out
}

// status is that of the page the form stands on: 422 where something in it couldn't be taken.
func (f form) status() int {
	if len(f.faults) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
