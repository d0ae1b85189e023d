package seed

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// language is a made-up vocabulary: the first word is the most frequent one, as in real text, so that an index over it grows like a real one.
type language struct {
	tag   string
	words []string
}

// vocabulary is how many words a language has.
const vocabulary = 20_000

// common are the words that hold English sentences together. What a search finds by them, or leaves out, is as in real text.
const common = `the of and to a in that it was for on is with he as at by had from they but not his she were have which are one all there been their her
	would what when who will more if no out so up said could into its then about two than only time new some could these may first any other made over such very
	after also most where must before through years much your way well down should because each just those people how too little state good make world still
	between life being under never day same another know while last might great old year off come since against go came right used take three`

// parts are what words are made of.
var parts = map[string][]string{
	"en": strings.Fields("al an ar ba ber bol car cen cor dan del der dor el en er fan fer for gal gen gor hal har hol im in ist ka kel lan len lor mar men mor nal nor " +
		"ol or pal per por ran ret ric san sel sor tan ter tor ul un val ven vor wal wen wor"),
	"ar": strings.Fields("با بر تا تر جا جم حا حر خا دا در را رس زا سا سل شا شر صا صو طا عا عم غا فا فر قا قر كا كت لا لم ما مد نا نو ها هم وا ود يا يم"),
	"ko": strings.Fields("가 간 강 개 거 고 관 구 국 기 나 노 단 대 도 동 라 로 리 마 무 문 미 민 바 발 보 부 사 산 상 생 서 선 성 수 시 신 아 안 어 연 오 우 원 유 의 인 일 자 장 전 정 조 주 지 진 차 통 하 한 해 현 화 회"),
}

// languages are what articles are written in; most are in the first.
func languages(seed uint64) []*language {
	out := make([]*language, 0, len(parts))
	for i, tag := range []string{"en", "ar", "ko"} {
		l := &language{tag: tag}
		if tag == "en" {
			l.words = strings.Fields(common)
		}
		l.coin(rand.New(rand.NewPCG(seed, 1<<60|uint64(i))))
		out = append(out, l)
	}
	return out
}

// coin fills the vocabulary up with new words, short ones first.
func (l *language) coin(r *rand.Rand) {
	known := map[string]bool{}
	for _, w := range l.words {
		known[w] = true
	}
	for tries := 0; len(l.words) < vocabulary; tries++ {
		var b strings.Builder
		for range 2 + r.IntN(2) + tries/vocabulary {
			b.WriteString(parts[l.tag][r.IntN(len(parts[l.tag]))])
		}
		if w := b.String(); !known[w] {
			known[w] = true
			l.words = append(l.words, w)
		}
	}
}

// word gives the nth word that isn't among the commonest; it never ends.
func (l *language) word(n int) string {
	w := l.words[n%len(l.words)]
	if turn := n / len(l.words); turn > 0 {
		return fmt.Sprintf("%s %d", w, turn+1)
	}
	return w
}

// writer writes in a language, from one source of chance.
type writer struct {
	*language
	r    *rand.Rand
	zipf *rand.Zipf
}

func (l *language) writer(r *rand.Rand) *writer {
	return &writer{language: l, r: r, zipf: rand.NewZipf(r, 1.1, 3, uint64(len(l.words)-1))}
}

// next is a word by its frequency.
func (w *writer) next() string { return w.words[w.zipf.Uint64()] }

// between gives a number from low to high.
func (w *writer) between(low, high int) int { return low + w.r.IntN(high-low+1) }

// chance is true in percent of a hundred cases.
func (w *writer) chance(percent int) bool { return w.r.IntN(100) < percent }

// phrase is n words with a capital.
func (w *writer) phrase(n int) string {
	return string(w.write(nil, n))
}

// write adds n words, the first with a capital.
func (w *writer) write(b []byte, n int) []byte {
	b = append(b, title(w.next())...)
	for range n - 1 {
		b = append(b, ' ')
		b = append(b, w.next()...)
	}
	return b
}

func (w *writer) sentences(n int) string {
	b := make([]byte, 0, n*100)
	for i := range n {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(w.write(b, w.between(6, 22)), '.')
	}
	return string(b)
}

// name is that of a person. Words are taken evenly: names repeat seldom.
func (w *writer) name() string {
	return title(w.words[w.between(1000, vocabulary-1)]) + " " + title(w.words[w.between(1000, vocabulary-1)])
}

// body is HTML of about n words, with what articles have in them.
func (w *writer) body(n int) string {
	var b strings.Builder
	for p := 0; n > 0; p++ {
		text := w.sentences(w.between(2, 6))
		n -= strings.Count(text, " ") + 1
		switch {
		case p > 0 && p%5 == 0:
			fmt.Fprintf(&b, "<h2>%s</h2><p>%s</p>", w.phrase(w.between(2, 5)), text)
		case p > 0 && w.chance(8):
			fmt.Fprintf(&b, "<blockquote><p>%s</p></blockquote>", text)
		case w.chance(15):
			fmt.Fprintf(&b, `<p>%s <a href="https://example.org/%d/">%s</a> <em>%s</em>.</p>`, text, w.r.IntN(10_000), w.phrase(2), w.next())
		default:
			fmt.Fprintf(&b, "<p>%s</p>", text)
		}
	}
	return b.String()
}
