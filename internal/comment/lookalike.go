package comment

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// skeleton is what is left of a name when all that the eye passes over is taken away, so that names which look alike have one skeleton. It
// follows Unicode Technical Standard 39 (section 4, confusable detection; the pairs of letters are a selection of its confusables.txt), and
// goes further where the standard keeps apart what a reader in a hurry doesn't: capitals and small letters, marks, spaces and punctuation,
// digits written for letters. It is for comparing only; names in scripts without look-alikes stay themselves. Empty where no letter is left.
func skeleton(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		if like, ok := confusables[r]; ok {
			b.WriteString(like)
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return pairs.Replace(b.String())
}

// pairs are letters that together look like one. NFKD has taken ligatures apart before.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// lookalikes are, for each letter or two, the signs that are read as it: lower case, without marks. l stands for i as well, since a capital I
// is read as l and small letters are all that is compared.
var lookalikes = map[string]string{
	"a":  "аαɑᴀ4@ꭺ",
	"ae": "æӕᴁ",
	"b":  "ьвβʙƅ8ꮟ",
	"c":  "сϲᴄⅽ¢ꮯ",
	"d":  "ԁđɗᴅðⅾꭰ",
	"e":  "еєεҽᴇəɛ3ꬲ",
	"f":  "ƒſꞙꜰϝ",
	"g":  "ɡɢԍց9ǥ",
	"h":  "һнհħʜꮋ",
	"j":  "јϳᴊʝ",
	"k":  "кκᴋҡƙĸ",
	"l":  "іıιіɩɪӏłʟℓ1|ⅼⅰꙇլי",
	"m":  "мᴍⅿ",
	"n":  "пɴηոռƞ",
	"o":  "оοσøᴏօ0өɵо๐ഠ",
	"oe": "œɶ",
	"p":  "рρᴘþƿ",
	"q":  "ԛգզ",
	"r":  "гʀɾᴦꭇ",
	"s":  "ѕꜱʂƽ5$ςտ",
	"ss": "ß",
	"t":  "тτŧᴛ7ƭ",
	"u":  "υᴜʋսцµμ",
	"v":  "ѵνᴠⅴ",
	"w":  "ԝωᴡшɯա",
	"x":  "хχⅹ×",
	"y":  "уүγʏұʎყ",
	"z":  "ᴢƶ2ʐ",
}

var confusables = func() map[rune]string {
	all := map[rune]string{'i': "l"}
	for letter, signs := range lookalikes {
		for _, r := range signs {
			all[r] = letter
		}
	}
	return all
}()
