package newsroom

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"stet/internal/limit"
	"stet/internal/page"
	"stet/internal/staff"
)

// The fields with which somebody signs in on the page that carries their form along. They can't be mistaken for the form's own.
const (
	carryPrefix   = "sign_"
	carryEmail    = carryPrefix + "email"
	carryPassword = carryPrefix + "password"
	carryCode     = carryPrefix + "code"
)

// carriable reports whether what a request brings can stand on a page: a form, not a file.
func carriable(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded" && r.Method == http.MethodPost && !wantsJSON(r)
}

// carry answers a form whose session has ended: the page asks to sign in and holds everything that was sent, to be sent to the same address
// with e-mail and password. Then it lets in who that is, by the same checks and limits as at the door, and the form goes on as if nothing had
// happened. Nobody is returned where the page was written.
func (s *sign) carry(w http.ResponseWriter, r *http.Request) (staff.Actor, error) {
	f, err := page.ParseForm(w, r, limitBody)
	if err != nil {
		return staff.Actor{}, err
	}
	var who staff.Actor
	field, needsCode := "password", false
	switch id := s.pending(r); {
	case f.Has(carryCode) && id != 0:
		field = "code"
		who, err = s.staff.VerifyCode(r.Context(), id, strings.ReplaceAll(f.Text(carryCode), " ", ""), limit.Address(s.clientIP(r)))
	case f.Has(carryPassword):
		who, needsCode, err = s.staff.SignIn(r.Context(), staff.SignIn{Email: f.Text(carryEmail), Password: f.Get(carryPassword), Address: limit.Address(s.clientIP(r))})
	default:
		return staff.Actor{}, s.askCarrying(w, r, http.StatusUnauthorized, f, nil)
	}
	if status, faults, ok := s.wrong(w, err, field); ok {
		if field == "code" {
			return staff.Actor{}, s.askCodeCarrying(w, r, status, f, faults)
		}
		return staff.Actor{}, s.askCarrying(w, r, status, f, faults)
	}
	if err != nil {
		return staff.Actor{}, err
	}
	if needsCode {
		if err := s.await(r, who); err != nil {
			return staff.Actor{}, err
		}
		return staff.Actor{}, s.askCodeCarrying(w, r, http.StatusUnauthorized, f, nil)
	}
	body := carried(f.Values).Encode()
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return who, s.enter(r, who)
}

// carried is the form without what signs in, and without passwords, which no page gives back.
func carried(values url.Values) url.Values {
	out := url.Values{}
	for name, v := range values {
		if !strings.HasPrefix(name, carryPrefix) && !strings.Contains(name, "password") {
			out[name] = v
		}
	}
	return out
}

func (s *sign) askCarrying(w http.ResponseWriter, r *http.Request, status int, f page.Form, faults map[string]string) error {
	fm := form{words: "login", values: url.Values{"email": f.Values[carryEmail]}, faults: faults}
	p := s.loginPage(r, fm)
	p.Action, p.Kept, p.Said = r.URL.RequestURI(), params(carried(f.Values)), "newsroom.login.carried"
	p.Email.Name, p.Password.Name = carryEmail, carryPassword
	return s.pages.login.Write(w, r, status, p)
}

func (s *sign) askCodeCarrying(w http.ResponseWriter, r *http.Request, status int, f page.Form, faults map[string]string) error {
	p := s.codePage(r, form{words: "login", faults: faults})
	p.Action, p.Kept = r.URL.RequestURI(), params(carried(f.Values))
	p.Code.Name = carryCode
	return s.pages.code.Write(w, r, status, p)
}
