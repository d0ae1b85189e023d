package markup

import (
	"reflect"
	"testing"
)

func TestSurvey(t *testing.T) {
	blocks := Article(`<h2>Two words</h2><p>Read <a href="/x/">this one</a> and <a href="https://a.example/">that</a>.</p>
		<figure><a href="/y/"><img data-media="7" alt="A lamp"></a><figcaption>At night <span class="credit">Ivo Castellan</span></figcaption></figure>
		<figure class="gallery"><figure><img data-media="8" alt=""></figure><figure><img data-media="9" alt="Two"><figcaption><span class="credit">Mara</span></figcaption></figure>
		<figcaption>All <span class="credit">The harbour</span></figcaption></figure>`)
	got := Survey(blocks)
	if len(got) != 4 {
		t.Fatalf("%d parts of %q", len(got), Join(blocks))
	}
	if got[0].Element != "h2" || got[0].Words != 2 || got[0].Letters != 9 || got[0].ID != blocks[0].ID {
		t.Errorf("heading = %+v", got[0])
	}
	if want := []Link{{"/x/", "this one"}, {"https://a.example/", "that"}}; !reflect.DeepEqual(got[1].Links, want) {
		t.Errorf("links = %+v, want %+v", got[1].Links, want)
	}
	if want := []Link{{"/y/", "A lamp"}}; !reflect.DeepEqual(got[2].Links, want) {
		t.Errorf("the link of a picture = %+v, want %+v", got[2].Links, want)
	}
	if want := []Shown{{7, "A lamp", "Ivo Castellan"}}; !reflect.DeepEqual(got[2].Shown, want) {
		t.Errorf("picture = %+v, want %+v", got[2].Shown, want)
	}
	if want := []Shown{{8, "", "The harbour"}, {9, "Two", "Mara"}}; !reflect.DeepEqual(got[3].Shown, want) || got[3].Class != "gallery" {
		t.Errorf("gallery = %+v, want %+v", got[3], want)
	}
}
