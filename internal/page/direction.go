package page

import "strings"

// rightToLeft are the languages whose script runs from the right.
var rightToLeft = map[string]bool{"ar": true, "ckb": true, "dv": true, "fa": true, "he": true, "ks": true, "ps": true, "sd": true, "ug": true, "ur": true, "yi": true}

// Direction is the one in which a language (BCP 47) is written: "rtl" or "ltr".
func Direction(language string) string {
	base, _, _ := strings.Cut(language, "-")
	if rightToLeft[strings.ToLower(base)] {
		return "rtl"
	}
	return "ltr"
}
