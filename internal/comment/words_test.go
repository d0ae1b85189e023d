package comment

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line, text string
		want       []string
	}{
		{"port", "The Port, a PORT; the port.", []string{"Port", "PORT", "port"}},
		{"port", "A report on ports, airport and port2.", nil},
		{"port", "port", []string{"port"}},
		{"port*", "Ports, portly, and the report", []string{"Ports", "portly"}},
		{"port*", "Port", []string{"Port"}},
		{"bought and paid for", "They are bought and\n paid for!", []string{"bought and\n paid for"}},
		{"bought and paid for", "They bought and paid.", nil},
		{"buy* cheap*", "Buying CHEAPLY is buying cheap.", []string{"Buying CHEAPLY", "buying cheap"}},
		{"idiot", "l’idiot, the idiot's", []string{"idiot"}},
		{"Café", "the cafe, a CAFÉ and a cafe\u0301", []string{"cafe", "CAFÉ", "cafe\u0301"}},
		{"strasse", "Die Straße, die STRASSE", []string{"Straße", "STRASSE"}},
		{"Bodø", "in bodo", []string{"bodo"}},
		{"Łódź", "w lodz", []string{"lodz"}},
		{"istanbul", "İSTANBUL ve ıstanbul", []string{"İSTANBUL", "ıstanbul"}},
		{"viagra", "ｖｉａｇｒａ vi\u200bagra vi\u00adagra", []string{"ｖｉａｇｒａ", "vi\u200bagra", "vi\u00adagra"}},
		{"вор", "Вор у вора и воробей", []string{"Вор"}},
		{"вор*", "вора и воробей, дворник", []string{"вора", "воробей"}},
		{"ёлка", "елка", []string{"елка"}},
		{"σοφος", "Ο ΣΟΦΌΣ σοφός", []string{"ΣΟΦΌΣ", "σοφός"}},
		{"الميناء", "كان المِينَاء مغلقاً وميناء", []string{"المِينَاء"}},
		{"שלום", "שָׁלוֹם לכם", []string{"שָׁלוֹם"}},
		{"हिन्दी", "हिन्दी और हिन्द", []string{"हिन्दी"}},
		{"कम", "काम", nil},
		{"한국", "한국 한국어", []string{"한국"}},
		{"하*", "한국 하늘", []string{"하늘"}},
		{"港口", "他们的港口关了", []string{"港口"}},
		{"港口", "港。口", []string{"港。口"}},
		{"港口", "港的口", nil},
		{"アメリカ", "これはｱﾒﾘｶです", []string{"ｱﾒﾘｶ"}},
		{"かき", "がき かき", []string{"かき"}},
		{"ท่าเรือ", "ที่ท่าเรือใหญ่", []string{"ท่าเรือ"}},
		{"🍆", "look 🍆🍆 here", []string{"🍆"}},
		{"$", "make $500", []string{"$"}},
		{"...", "nothing... to match", nil},
		{"*", "nothing to match *", nil},
		{"", "nothing", nil},
	}
	for _, tt := range tests {
		got := compileWords(map[int64]string{7: tt.line}).find(tt.text)
		if !slices.Equal(got[7], tt.want) {
			t.Errorf("%q in %q = %q, want %q", tt.line, tt.text, got[7], tt.want)
		}
		if _, ok := got[7]; ok != (tt.want != nil) {
			t.Errorf("%q in %q has an entry: %t", tt.line, tt.text, ok)
		}
	}
}

func TestWordsOfSeveralRules(t *testing.T) {
	t.Parallel()
	l := compileWords(map[int64]string{1: "port\r\nnight ferry\n", 2: "ferry\nport\nport", 3: "navy"})
	got := l.find("The night ferry from that port, a port of old")
	if !slices.Equal(got[1], []string{"night ferry", "port"}) || !slices.Equal(got[2], []string{"ferry", "port"}) || len(got) != 2 {
		t.Errorf("find = %v", got)
	}
	long := compileWords(map[int64]string{1: "a*"}).find(strings.Repeat("a", 1000) + " ab ac ad ae af ag ah ai aj ak al am")
	if len(long[1]) != markedWords || len(long[1][0]) != markedLength {
		t.Errorf("find keeps %d words, the first of %d bytes", len(long[1]), len(long[1][0]))
	}
	if got := compileWords(nil).find("port"); len(got) != 0 {
		t.Errorf("no lists find %v", got)
	}
}

// FuzzWords: what is found stands in the text, and a text that is a line finds itself.
func FuzzWords(f *testing.F) {
	f.Add("bought and paid*", "They bought and paid for it")
	f.Add("港口", "他们的港口\xff")
	f.Fuzz(func(t *testing.T, line, text string) {
		for _, match := range compileWords(map[int64]string{1: line}).find(text)[1] {
			if len(match) < markedLength && !strings.Contains(text, match) {
				t.Errorf("%q isn't in %q", match, text)
			}
		}
	})
}

func manyWords(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		switch i % 10 {
		case 0:
			fmt.Fprintf(&b, "%s*\n", invented(r, 5))
		case 1:
			fmt.Fprintf(&b, "%s %s\n", invented(r, 4), invented(r, 6))
		default:
			fmt.Fprintf(&b, "%s\n", invented(r, 7))
		}
	}
	return b.String()
}

func invented(r *rand.Rand, letters int) string {
	b := make([]byte, letters)
	for i := range b {
		b[i] = "etaoinshrdlu"[r.IntN(12)]
	}
	return string(b)
}

// BenchmarkWords looks up a comment in lists of 20,000 lines.
func BenchmarkWords(b *testing.B) {
	l := compileWords(map[int64]string{1: manyWords(10_000), 2: manyWords(10_000)})
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{500, MaxBody} {
		var latin, accented, han strings.Builder
		for latin.Len() < size {
			latin.WriteString(invented(r, 1+r.IntN(9)) + " ")
			accented.WriteString("é" + invented(r, r.IntN(8)) + " ")
		}
		for range size {
			han.WriteRune(rune(0x4e00 + r.IntN(3000)))
		}
		for name, text := range map[string]string{"latin": latin.String(), "accented": accented.String(), "han": han.String()} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				for b.Loop() {
					l.find(text)
				}
			})
		}
	}
}
