package page

import "strconv"

// Size writes n bytes as people read it: kilobytes up to a thousand, then megabytes to a tenth.
func Size(n int64) string {
	kilo := (n + 1023) / 1024
	if kilo < 1000 {
		return T("size.kilobytes", strconv.FormatInt(kilo, 10))
	}
	return T("size.megabytes", strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64))
}
