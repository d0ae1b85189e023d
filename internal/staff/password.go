package staff

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"stet/internal/fault"
)

// cost is what a hash costs to make; memory is in KiB.
type cost struct {
	memory, time uint32
	lanes        uint8
}

// usual is what OWASP advises for argon2id, about 40 ms and 19 MiB. It is a variable for tests, which make hundreds.
var usual = cost{memory: 19 * 1024, time: 2, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// Length of a password in characters. There is no rule on which characters, and nothing is cut off.
const (
	MinPassword = 8
	MaxPassword = 256
)

// hashing holds a token for each hash being made in this process, so that a flood of sign-ins waits instead of taking all memory.
var hashing = make(chan struct{}, 2)

func derive(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.lanes, keyBytes), nil
}

// phc writes a hash in the form in which it is stored.
func (c cost) phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.lanes, b64(salt), b64(key))
}

// hashPassword makes the PHC string that is stored.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails, by its contract
	key, err := derive(ctx, password, salt, usual)
	if err != nil {
		return "", err
	}
	return usual.phc(salt, key), nil
}

// verifyPassword compares in constant time, with the cost that the hash names.
func verifyPassword(ctx context.Context, phc, password string) (bool, error) {
	var c cost
	var version int
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("stored password hash is not argon2id")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.memory, &c.time, &c.lanes); err != nil || version != argon2.Version {
		return false, fmt.Errorf("stored password hash has an unknown form")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("stored password hash: salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("stored password hash: key: %w", err)
	}
	got, err := derive(ctx, password, salt, c)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// dummy is a hash that no password has: what an unknown account is compared with, at the same cost.
func dummy() string { return usual.phc(make([]byte, saltBytes), make([]byte, keyBytes)) }

//go:embed common.txt
var commonList string

// common holds the passwords that are tried first everywhere.
var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for s := bufio.NewScanner(strings.NewReader(commonList)); s.Scan(); {
		m[s.Text()] = true
	}
	return m
})

// checkPassword notes under field why a person can't have the password. Its bytes are kept as they are typed.
func checkPassword(c *fault.Check, field, password string, p Person) {
	n := utf8.RuneCountInString(password)
	c.That(utf8.ValidString(password) && !strings.ContainsRune(password, 0), field, "field.characters")
	c.That(n >= MinPassword, field, "staff.password.short")
	c.That(n <= MaxPassword, field, "staff.password.long")
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(p.Email), "@")
	own := []string{strings.ToLower(p.Email), local, strings.ToLower(p.Name), strings.ReplaceAll(strings.ToLower(p.Name), " ", "")}
	for _, o := range own {
		c.That(lower != o, field, "staff.password.own")
	}
	c.That(!common()[lower] && !monotone(lower), field, "staff.password.common")
}

// monotone reports whether s repeats one character, or counts up or down throughout: 11111111, abcdefgh, 87654321.
func monotone(s string) bool {
	r := []rune(s)
	if len(r) < 2 {
		return true
	}
	step := r[1] - r[0]
	if step < -1 || step > 1 {
		return false
	}
	for i := 1; i < len(r); i++ {
		if r[i]-r[i-1] != step {
			return false
		}
	}
	return true
}
