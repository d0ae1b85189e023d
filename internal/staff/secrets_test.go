package staff

import (
	"testing"
	"time"

	"stet/internal/fault"
)

// The vectors of RFC 6238, appendix B, cut to six digits.
func TestCodeVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := code(secret, at/stepSeconds); got != want {
			t.Errorf("code at %d = %s, want %s", at, got, want)
		}
	}
}

func TestMatchCode(t *testing.T) {
	secret := []byte("12345678901234567890")
	now := time.Unix(1111111111, 0)
	step := now.Unix() / stepSeconds
	for offset, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		got, ok := matchCode(secret, code(secret, step+offset), now)
		if ok != want || ok && got != step+offset {
			t.Errorf("code of step %+d: %d, %v, want %v", offset, got-step, ok, want)
		}
	}
	for _, given := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := matchCode(secret, given, now); ok {
			t.Errorf("%q was taken", given)
		}
	}
	if _, ok := matchCode(nil, code(nil, step), now); ok {
		t.Error("a code counts where there is no secret")
	}
}

func TestCostOfPasswords(t *testing.T) {
	if want := (cost{memory: 19 * 1024, time: 2, lanes: 1}); production != want {
		t.Errorf("a hash costs %+v, want %+v", production, want)
	}
}

func TestPasswordHash(t *testing.T) {
	ctx := t.Context()
	phc, err := hashPassword(ctx, "let it stand, said the editor")
	if err != nil {
		t.Fatal(err)
	}
	other, err := hashPassword(ctx, "let it stand, said the editor")
	if err != nil || other == phc {
		t.Errorf("two hashes of one password are equal, %v", err)
	}
	for password, want := range map[string]bool{"let it stand, said the editor": true, "let it stand, said the Editor": false, "": false} {
		if got, err := verifyPassword(ctx, phc, password); got != want || err != nil {
			t.Errorf("verify %q = %v, %v", password, got, err)
		}
	}
	for _, bad := range []string{"", "x", "$2a$10$abcdefghijklmnopqrstuv", "$argon2id$v=18$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=1,t=1,p=1$!$AA"} {
		if ok, err := verifyPassword(ctx, bad, "x"); ok || err == nil {
			t.Errorf("verify against %q = %v, %v, want an error", bad, ok, err)
		}
	}
	if ok, err := verifyPassword(ctx, dummy(), ""); ok || err != nil {
		t.Errorf("verify against the dummy = %v, %v", ok, err)
	}
}

func TestCheckPassword(t *testing.T) {
	ada := Person{Email: "ada.byron@example.org", Name: "Ada Byron"}
	long := make([]byte, MaxPassword+1)
	for i := range long {
		long[i] = "ab cd"[i%5]
	}
	for password, want := range map[string]string{
		"short7!":                "staff.password.short",
		"пароль1":                "staff.password.short",
		string(long):             "staff.password.long",
		"Password123":            "staff.password.common",
		"11111111":               "staff.password.common",
		"abcdefghij":             "staff.password.common",
		"87654321":               "staff.password.common",
		"Ada Byron":              "staff.password.own",
		"ada.byron":              "staff.password.own",
		"ADA.BYRON@example.org":  "staff.password.own",
		"nul\x00 inside it":      "field.characters",
		"\xff\xfe\xfd\xfc bytes": "field.characters",
		string(long[1:]):         "",
		"stet stet stet":         "",
		"여덟글자비밀번호":               "",
	} {
		var c fault.Check
		checkPassword(&c, "password", password, ada)
		got := ""
		if invalid, ok := c.Err().(*fault.Invalid); ok {
			got = invalid.Fields["password"]
		}
		if got != want {
			t.Errorf("password %.30q: %q, want %q", password, got, want)
		}
	}
}
