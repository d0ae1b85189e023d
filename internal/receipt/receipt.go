// Package receipt makes the tokens by which a reader finds again what they sent here: a comment, a report. A token is derived from what it
// is for and not random, so that a form sent twice is answered with the same one although only the token's hash is stored.
//
// It must never store or log a token, and never be asked what a token is for: whoever looks one up does so by its hash.
package receipt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Length is that of every token: 32 bytes in base64 without padding. A text of another length is none.
const Length = 43

// Keys derive tokens. Old is the secret before Secret while that is being replaced, else nil.
type Keys struct{ Secret, Old []byte }

// Tokens are those of a message under purpose: the one to give out first, then the one that was given out under the old secret, if there is one.
func (k Keys) Tokens(purpose string, message []byte) []string {
	out := []string{Token(k.Secret, purpose, message)}
	if len(k.Old) > 0 {
		out = append(out, Token(k.Old, purpose, message))
	}
	return out
}

// Token is that of a message under one secret. Purposes keep messages apart that are the same bytes.
func Token(secret []byte, purpose string, message []byte) string {
	return base64.RawURLEncoding.EncodeToString(Keyed(secret, purpose, message))
}

// Hash is what a database keeps of a token.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Hashes are those of several tokens, in their order.
func Hashes(tokens []string) [][]byte {
	out := make([][]byte, len(tokens))
	for i, t := range tokens {
		out[i] = Hash(t)
	}
	return out
}

// Keyed is the keyed hash of a message: nobody without the secret can find the message by trying.
func Keyed(secret []byte, purpose string, message []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(message)
	return h.Sum(nil)
}
