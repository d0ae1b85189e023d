package app_test

import (
	"flag"
	"os"
	"testing"

	"stet/internal/page"
)

// TestMain has every page of the tests written by its compiled template and by html/template, so that each difference is a fault of the page.
// Benchmarks measure what readers get.
func TestMain(m *testing.M) {
	flag.Parse()
	page.Compare.Store(flag.Lookup("test.bench").Value.String() == "")
	os.Exit(m.Run())
}
