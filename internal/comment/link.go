package comment

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"stet/internal/fault"
)

// Purpose is what a link in a mail lets its holder do.
type Purpose byte

// A link for one purpose is none for another: what stops notices, and may be passed on with the mail, shows nobody's data.
const (
	ForConfirm Purpose = 'c' // say that the address is theirs
	ForNotices Purpose = 'n' // stop notices and take them up again
	ForData    Purpose = 'd' // copy or erase what is kept
)

// How long links work. One that stops notices must outlive the mail it stands in.
const (
	confirmFor = 7 * 24 * time.Hour
	noticesFor = 400 * 24 * time.Hour
	dataFor    = 24 * time.Hour
)

// link is what a signed link says.
type link struct {
	Purpose Purpose
	Person  int64
	Until   time.Time
}

const linkBytes = 1 + 8 + 8

// sign makes the last part of a mail link's address. Nothing is stored: the link carries what it is for, under a keyed hash.
func (s *Store) sign(l link) string {
	said := l.bytes()
	return base64.RawURLEncoding.EncodeToString(append(said, keyed(s.secret, "mail link", said)...))
}

func (l link) bytes() []byte {
	b := append(make([]byte, 0, linkBytes+32), byte(l.Purpose))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Person))
	return binary.BigEndian.AppendUint64(b, uint64(l.Until.Unix()))
}

// mailLink is the path of a page that lets a person do something for a while.
func (s *Store) mailLink(p Purpose, person int64, span time.Duration) string {
	return "/comments/mail/" + s.sign(link{Purpose: p, Person: person, Until: s.clock().Add(span)})
}

// unsign reads a link that was signed here, under this secret or the one before; anything else is NotFound. One whose time is over is read
// all the same.
func (s *Store) unsign(token string) (link, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != linkBytes+32 {
		return link{}, fault.NotFound
	}
	said, mac := raw[:linkBytes], raw[linkBytes:]
	good := hmac.Equal(mac, keyed(s.secret, "mail link", said))
	if len(s.old) > 0 {
		good = hmac.Equal(mac, keyed(s.old, "mail link", said)) || good
	}
	if !good {
		return link{}, fault.NotFound
	}
	return link{Purpose: Purpose(said[0]), Person: int64(binary.BigEndian.Uint64(said[1:9])), Until: time.Unix(int64(binary.BigEndian.Uint64(said[9:])), 0)}, nil
}

// holder is the person whose link for that purpose the token is. Faults: NotFound; Forbidden where its time is over.
func (s *Store) holder(token string, p Purpose) (int64, error) {
	l, err := s.unsign(token)
	switch {
	case err != nil:
		return 0, err
	case l.Purpose != p:
		return 0, fmt.Errorf("a link for something else: %w", fault.NotFound)
	case !s.clock().Before(l.Until):
		return 0, fault.Forbidden
	}
	return l.Person, nil
}

// clock is the wall clock by which links end.
func (s *Store) clock() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
