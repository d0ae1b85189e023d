package comment

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"stet/internal/receipt"
)

// tokenLength is that of every receipt's.
const tokenLength = receipt.Length

// token is the receipt of a comment. It is derived and not random, so that a form sent twice can be answered with the same receipt
// although only the token's hash is stored.
func token(secret []byte, id int64) string {
	return receipt.Token(secret, "receipt", binary.BigEndian.AppendUint64(nil, uint64(id)))
}

// tokenHash is what the database keeps of a token.
func tokenHash(token string) []byte { return receipt.Hash(token) }

// receiptOf gives the token again whose hash was stored, also when it was made under the secret before this one.
func (s *Store) receiptOf(id int64, hash []byte) (string, bool) {
	for _, secret := range [][]byte{s.secret, s.old} {
		if len(secret) == 0 {
			continue
		}
		if t := token(secret, id); subtle.ConstantTimeCompare(tokenHash(t), hash) == 1 {
			return t, true
		}
	}
	return "", false
}

// duplicateKeys are the keyed hashes under which the same comment would have been stored: under this secret first, then under the one before.
func (s *Store) duplicateKeys(said string) [][]byte {
	keys := [][]byte{keyed(s.secret, "duplicate", []byte(said))}
	if len(s.old) > 0 {
		keys = append(keys, keyed(s.old, "duplicate", []byte(said)))
	}
	return keys
}

// limitKey hides who is counted: an e-mail's or an address's bare hash could be found by trying.
func (s *Store) limitKey(kind, who string) string {
	return kind + ":" + hex.EncodeToString(keyed(s.secret, kind, []byte(who)))
}

// said is the text that two identical comments have in common; e-mails are compared without their case, everything in NFC.
func said(in In) string {
	return fmt.Sprintf("%d\x00%d\x00%s", in.ArticleID, in.Parent, norm.NFC.String(strings.ToLower(in.Email)+"\x00"+in.Name+"\x00"+in.Body))
}

// lockKey serialises identical comments. It doesn't depend on the secret: two instances may hold different ones while it is replaced.
func lockKey(said string) int64 {
	sum := sha256.Sum256([]byte("comment\x00" + said))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func keyed(secret []byte, purpose string, message []byte) []byte {
	return receipt.Keyed(secret, purpose, message)
}
