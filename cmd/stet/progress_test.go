package main

import (
	"strings"
	"testing"
)

// TestBar shows that work without a terminal is told in few plain lines, and on one in a line that is drawn again.
func TestBar(t *testing.T) {
	var plain strings.Builder
	b := newBar(&plain)
	for i := range 1000 {
		b.set("Importing", i+1, 1000)
	}
	b.done()
	lines := strings.Split(strings.TrimSpace(plain.String()), "\n")
	if lines[len(lines)-1] != "Importing: 1000 of 1000" || len(lines) > 11 || strings.Contains(plain.String(), "\r") {
		t.Errorf("plain = %q, want at most eleven lines, the last one the end", plain.String())
	}
	var drawn strings.Builder
	b = &bar{w: &drawn, terminal: true, percent: -1}
	b.set("Reading", 1, 2)
	b.set("Writing", 2, 2)
	b.done()
	if got := drawn.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "Reading [===============               ] 1 of 2") ||
		!strings.Contains(got, "Writing [==============================] 2 of 2") {
		t.Errorf("drawn = %q, want a line for each work", got)
	}
}
