// Package fault names what a user may be told went wrong. The nouns return these kinds and the faces turn them into status
// codes and pages; every other error is logged once and shown as a plain 500.
//
// It must never import another room or carry the text of an internal error to a visitor.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// NotFound says that nothing stands there, or nothing that this actor may know of: a hidden thing and a missing one answer alike (404).
var NotFound = errors.New("not found")

// Forbidden says that the actor is known and may not do this (403).
var Forbidden = errors.New("forbidden")

// Conflict says that the thing changed since it was read, or was decided by someone else meanwhile (409).
// Nouns wrap it, or return a type of their own for which errors.Is(err, Conflict) holds and which carries what is needed to go on.
var Conflict = errors.New("conflict")

// Unavailable says that a dependency is away and the same request may be tried again (503 with Retry-After).
var Unavailable = errors.New("unavailable")

// Invalid says which fields can't be taken as they are (422). Keys are the form's field names, values are keys of the text
// catalogue or finished sentences that say what to do; the empty key is for the form as a whole.
type Invalid struct {
	Fields map[string]string
}

// Error lists the fields in alphabetical order, for logs and tests.
func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("invalid")
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		b.WriteString(" " + f + ": " + e.Fields[f] + ";")
	}
	return strings.TrimSuffix(b.String(), ";")
}

// Field makes an Invalid about one field.
func Field(name, what string) error { return &Invalid{Fields: map[string]string{name: what}} }

// Check collects the faults of a form. The zero value is ready.
type Check struct{ fields map[string]string }

// That notes what under field unless ok holds; the first fault of a field stands.
func (c *Check) That(ok bool, field, what string) {
	if ok {
		return
	}
	if c.fields == nil {
		c.fields = map[string]string{}
	}
	if _, had := c.fields[field]; !had {
		c.fields[field] = what
	}
}

// Err returns nil when nothing was noted, else an *Invalid.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Invalid{Fields: c.fields}
}

// TooMany says that a limit was reached and when trying again makes sense (429 with Retry-After).
type TooMany struct {
	After time.Duration
}

// Error gives the waiting time.
func (e *TooMany) Error() string { return "too many requests, retry after " + e.After.String() }
