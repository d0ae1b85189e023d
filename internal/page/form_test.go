package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func post(body, kind string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/?name=query", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

const urlencoded = "application/x-www-form-urlencoded"

func TestParseForm(t *testing.T) {
	boundary := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"
	for name, tt := range map[string]struct {
		r    *http.Request
		want int
	}{
		"plain":           {post("name=Ann", urlencoded), 200},
		"no type":         {post("name=Ann", ""), 200},
		"charset":         {post("name=Ann", urlencoded+"; charset=utf-8"), 200},
		"empty":           {post("", urlencoded), 200},
		"multipart":       {post(boundary, "multipart/form-data; boundary=x"), 200},
		"broken parts":    {post("nonsense", "multipart/form-data; boundary=x"), 400},
		"bad escape":      {post("name=%zz", urlencoded), 400},
		"NUL":             {post("name=a%00b", urlencoded), 400},
		"NUL in a name":   {post("%00=a", urlencoded), 400},
		"not UTF-8":       {post("name=%ff", urlencoded), 400},
		"broken type":     {post("name=a", "text/;;"), 400},
		"over the limit":  {post("name="+strings.Repeat("a", 300), urlencoded), 413},
		"1,001 fields":    {post(strings.Repeat("&", 1000), urlencoded), 413},
		"limit, in parts": {post(boundary+strings.Repeat("a", 300), "multipart/form-data; boundary=y"), 413},
	} {
		limit := int64(200)
		if name == "1,001 fields" {
			limit = 1 << 20
		}
		if _, err := ParseForm(httptest.NewRecorder(), tt.r, limit); Status(err) != tt.want {
			t.Errorf("%s: %v, want status %d", name, err, tt.want)
		}
	}
}

func TestFormIgnoresTheQuery(t *testing.T) {
	f, err := ParseForm(httptest.NewRecorder(), post("body=++a%0D%0Ab++", urlencoded), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Text("body"); got != "a\nb" {
		t.Errorf("Text(body) = %q, want %q", got, "a\nb")
	}
	if f.Has("name") {
		t.Error("a form took a field from the query")
	}
}

func TestFormNumbers(t *testing.T) {
	f := Form{Values: url.Values{"a": {" 12 ", "7"}, "b": {"x"}, "c": {"-1"}, "d": {"99999999999999999999"}}}
	if n, err := f.Int("a"); n != 12 || err != nil {
		t.Errorf("Int(a) = %d, %v, want 12", n, err)
	}
	if n, err := f.Int("absent"); n != 0 || err != nil {
		t.Errorf("Int(absent) = %d, %v, want 0", n, err)
	}
	for _, name := range []string{"b", "c", "d"} {
		if _, err := f.Int(name); Status(err) != http.StatusBadRequest {
			t.Errorf("Int(%s) = %v, want malformed", name, err)
		}
	}
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]int{
		"q=a&utm=b": 200, "q=%zz": 400, "q=%00": 400, "q=%c3": 400, "q=" + strings.Repeat("a", 4096): 400, "a;b": 400,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		if _, err := Query(r); Status(err) != want {
			t.Errorf("Query(%.20s) = %v, want status %d", query, err, want)
		}
	}
}
