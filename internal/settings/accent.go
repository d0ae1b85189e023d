package settings

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"stet/internal/fault"
)

// The papers that readers see the accent on, by day and by night, and the accents that the site has by itself.
const (
	PaperDay    = "#ffffff"
	PaperNight  = "#131313"
	AccentDay   = "#b1121b"
	AccentNight = "#f2857d"
)

// Readable is the contrast that text needs against its paper (WCAG 2.2, 1.4.3).
const Readable = 4.5

// IsColour reports whether s is a colour as settings keep them: # and six hexadecimal digits in lower case.
var IsColour = regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString

// Accents are the colours in force, by day and by night: those set, else the site's own.
func (s Settings) Accents() (day, night string) {
	day, night = s.AccentDay, s.AccentNight
	if day == "" {
		day = AccentDay
	}
	if night == "" {
		night = AccentNight
	}
	return day, night
}

// Contrast is the ratio of two colours of IsColour's form after WCAG 2.2, 1 to 21, in either order.
func Contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// Ratio writes a contrast as people read it, such as 4.5. It is cut and not rounded: what reads 4.5 is enough.
func Ratio(contrast float64) string {
	return strconv.FormatFloat(math.Floor(contrast*100)/100, 'f', -1, 64)
}

func luminance(colour string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic("settings: no colour: " + colour)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// tidyColour takes #ABC and AABBCC too; what is no colour stays as it is.
func tidyColour(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	digits := strings.TrimPrefix(s, "#")
	if len(digits) == 3 {
		digits = strings.Repeat(digits[:1], 2) + strings.Repeat(digits[1:2], 2) + strings.Repeat(digits[2:], 2)
	}
	if IsColour("#" + digits) {
		return "#" + digits
	}
	return s
}

func (s Settings) checkAccents(c *fault.Check) {
	for _, f := range []struct{ name, colour, paper string }{{"accent_day", s.AccentDay, PaperDay}, {"accent_night", s.AccentNight, PaperNight}} {
		switch {
		case f.colour == "":
		case !IsColour(f.colour):
			c.That(false, f.name, "settings.accent.unknown")
		default:
			ratio := Contrast(f.colour, f.paper)
			c.That(ratio >= Readable, f.name, "settings.accent.faint|"+Ratio(ratio)+"|"+f.paper)
		}
	}
}
