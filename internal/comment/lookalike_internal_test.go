package comment

import "testing"

func TestSkeleton(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		alike bool
	}{
		{"Ava Kessler-Holt", "ava kessler.holt", true},
		{"Ava Kessler-Holt", "АVА KЕSSLЕR HОLT", true}, // Cyrillic А, Е, О
		{"Ava Kessler-Holt", "Ａｖａ Ｋｅｓｓｌｅｒ－Ｈｏｌｔ", true},
		{"Ava Kessler-Holt", "𝐀𝐯𝐚 𝕂𝕖𝕤𝕤𝕝𝕖𝕣 Ⓗⓞⓛⓣ", true},
		{"Ava Kessler-Holt", "Ava Kessler-Holt\u200d", true},
		{"Ava Kessler-Holt", "A\u0301v\u0308a Kessler\u00a0Ho\u0337lt", true},
		{"Ava Kessler-Holt", "Ava Kess1er-H0lt", true},
		{"Ava Kessler-Holt", "AvaKessIer_Holt", true}, // capital I
		{"Ava Kessler-Holt", "Ava Kessler", false},
		{"Ava Kessler-Holt", "Eva Kessler-Holt", false},
		{"Tom Warner", "Torn VVarner", true},
		{"Tom Warner", "Τоm Wаrnеr", true}, // Greek Tau, Cyrillic
		{"Jo Ångström", "ＪＯ ANGSTROM", true},
		{"Łukasz Żak", "Lukasz Zak", true},
		{"Søren Ægir", "Soren Aegir", true},
		{"Weiß", "WEISS", true},
		{"Ирина Павлова", "Ирина Павлова", true},
		{"Ирина Павлова", "ирина павлова", true},
		{"Ирина Павлова", "Марина Павлова", false},
		{"김민준", "김민준", true},
		{"김민준", "김민중", false},
		{"김민준", "김민준", true}, // syllable and its letters
		{"The Tideway", "The·Tıdeway!", true},
	} {
		a, b := skeleton(tt.a), skeleton(tt.b)
		if (a == b) != tt.alike || a == "" {
			t.Errorf("%q is %q, %q is %q: alike %v, want %v", tt.a, a, tt.b, b, a == b, tt.alike)
		}
	}
	for _, nothing := range []string{"", "—", "\u200d \u0301", "🙂"} {
		if s := skeleton(nothing); s != "" {
			t.Errorf("skeleton(%q) = %q", nothing, s)
		}
	}
}
