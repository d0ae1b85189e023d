package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// act is one thing that may be done to an article as a whole: its rule, the fields it asks for, the noun's method.
type act struct {
	name   string
	rule   func(staff.Actor, article.State) bool
	fields []string
	do     func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error
	// undo is the act that takes it back, if another does.
	undo string
}

// articleActs are those acts in the order in which they are offered.
var articleActs = []act{
	{name: "submit", rule: article.CanSubmit, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, _ page.Form) error {
		return s.Submit(ctx, actor, id)
	}},
	{name: "return", rule: article.CanReturn, fields: []string{"note"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Return(ctx, actor, id, f.Text("note"))
	}},
	{name: "unschedule", rule: article.CanUnschedule, fields: []string{"act"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Unschedule(ctx, actor, id, f.Text("act"))
	}},
	{name: "retract", rule: article.CanRetract, fields: []string{"notice"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Retract(ctx, actor, id, f.Text("notice"))
	}},
	{name: "withdraw", rule: article.CanWithdraw, fields: []string{"notice"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Withdraw(ctx, actor, id, f.Text("notice"))
	}},
	{name: "end", rule: article.CanEnd, fields: []string{"at", "notice"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		at, err := s.ParseAt(f.Text("at"))
		if err != nil {
			return err
		}
		return s.End(ctx, actor, id, at, f.Text("notice"))
	}},
	{name: "restore", rule: article.CanRestore, fields: []string{"notice"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Restore(ctx, actor, id, f.Text("notice"))
	}},
	{name: "withhold", rule: article.CanWithhold, fields: []string{"versions", "ground"}, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, f page.Form) error {
		versions, err := versions(f)
		if err != nil {
			return err
		}
		return s.Withhold(ctx, actor, id, versions, f.Text("ground"))
	}},
	{name: "trash", rule: article.CanTrash, undo: "untrash", do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, _ page.Form) error {
		return s.Trash(ctx, actor, id)
	}},
	{name: "untrash", rule: article.CanUntrash, do: func(ctx context.Context, s *article.Store, actor staff.Actor, id int64, _ page.Form) error {
		return s.Untrash(ctx, actor, id)
	}},
}

// versions are the numbers ticked, or typed with commas between.
func versions(f page.Form) ([]int, error) {
	var out []int
	for _, value := range f.Values["versions"] {
		for _, text := range list(value) {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || n <= 0 {
				return nil, fault.Field("versions", "article.versions.unknown")
			}
			out = append(out, int(n))
		}
	}
	return out, nil
}

// ask gives the page that says what follows from an act and asks for what it needs.
func (a *acts) ask(what act) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		e, err := a.edit(r, actor, what.rule)
		if err != nil {
			return err
		}
		return a.writeAct(w, r, actor, e, what, form{words: "act", values: url.Values{}})
	}
}

// perform does it.
func (a *acts) perform(what act) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := a.submitted(w, r)
		if err != nil {
			return err
		}
		err = what.do(r.Context(), a.store, actor, id, f)
		if faults, ok := refused(err); ok {
			e, err := a.edit(r, actor, what.rule)
			if err != nil {
				return err
			}
			return a.writeAct(w, r, actor, e, what, form{words: "act", values: f.Values, faults: faults})
		}
		if err != nil {
			return err
		}
		undo := ""
		if what.undo != "" {
			undo = fmt.Sprintf("/newsroom/articles/%d/%s", id, what.undo)
		}
		a.sayUndo(r, page.T("newsroom.article.done."+what.name), undo)
		return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
	}
}

func (a *acts) writeAct(w http.ResponseWriter, r *http.Request, actor staff.Actor, e article.Editing, what act, fm form) error {
	key := "newsroom.act." + what.name
	p := actPage{frame: a.frame(r, actor, page.T(key), "/newsroom/articles"), About: aboutArticle(&e, a.clock()), Button: key + ".button", Faults: fm.all()}
	p.Action = p.About.URL + "/" + what.name
	for i := 1; page.Known(key + ".follows-" + strconv.Itoa(i)); i++ {
		p.Follows = append(p.Follows, page.T(key+".follows-"+strconv.Itoa(i)))
	}
	for _, name := range what.fields {
		switch name {
		case "versions":
			p.Versions = fm.pick(name, versionOptions(e.Record, a.clock()))
		case "act":
			waits := waitingOptions(actor, e, a.clock())
			for _, o := range waits {
				p.Follows = append(p.Follows, o.Text)
			}
			if len(waits) > 1 {
				p.Fields = append(p.Fields, fm.pick(name, append([]option{{Text: page.T("newsroom.act.act-all")}}, waits...)))
			}
		case "at":
			field := fm.typed(name, "datetime-local")
			field.Required = true
			p.Fields = append(p.Fields, field)
		default:
			field := fm.area(name, 4)
			field.Serif, field.Required = name == "notice", what.name != "restore"
			p.Fields = append(p.Fields, field)
		}
	}
	return a.pages.act.Write(w, r, fm.status(), p)
}

// waitingOptions are the things that wait for their time, or failed at it, and that actor may call off.
func waitingOptions(actor staff.Actor, e article.Editing, c page.Clock) []option {
	var out []option
	for _, s := range e.Schedules {
		text := page.T("newsroom.article.schedule-"+s.Act, c.When(s.At).Text)
		if s.Failed != "" {
			text += ". " + page.Say(s.Failed)
		}
		if s.Act != article.EndAct || actor.Can(staff.Editor) {
			out = append(out, option{Value: s.Act, Text: text})
		}
	}
	return out
}

// versionOptions are the versions that readers saw, those that were withheld apart.
func versionOptions(record []article.Publication, c page.Clock) []option {
	gone := map[int]bool{}
	for _, p := range record {
		for _, n := range p.Withholds {
			gone[n] = true
		}
	}
	var out []option
	for _, p := range record {
		if p.Version == p.Number && !gone[p.Number] {
			out = append(out, option{Value: strconv.Itoa(p.Number), Text: page.T("newsroom.act.version", p.Number, c.When(p.At()).Text)})
		}
	}
	return out
}
