package staff

import (
	"crypto/hmac"
	"crypto/sha1" // what authenticator apps use; HMAC doesn't need it free of collisions
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// stepSeconds is how long a code stands (RFC 6238); skew is how many steps a clock may be off either way.
const (
	stepSeconds = 30
	skew        = 1
)

// code is the six digits of a step.
func code(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

// matchCode returns the step whose code was given. It compares with every step that counts, so that its time tells nothing.
func matchCode(secret []byte, given string, now time.Time) (step int64, ok bool) {
	if len(secret) == 0 || len(given) != 6 {
		return 0, false
	}
	at := now.Unix() / stepSeconds
	for s := at - skew; s <= at+skew; s++ {
		if subtle.ConstantTimeCompare([]byte(code(secret, s)), []byte(given)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}
