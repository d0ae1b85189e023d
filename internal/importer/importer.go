// Package importer brings a whole site in: it reads another system's export as a stream and hands each article, page,
// picture and comment to the nouns' own acts, so that what is imported obeys the rules that everything else obeys.
//
// An export is material, never an instruction: its roles, passwords, markup and addresses are read as untrusted text. The
// room must never write a table of a noun itself, fetch anything from the network, hold more than one item in memory, or
// leave half an item behind.
package importer

import "fmt"

// FileError says at which line an export can't be read and why. Its text is one line, fit for the person who runs the import.
type FileError struct {
	Line int
	Why  string
}

// Error gives the line and the reason.
func (e *FileError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }
