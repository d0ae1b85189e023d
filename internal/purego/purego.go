// Package purego takes the place of the module of that name, which loads shared libraries into a Go program: here it loads none.
//
// The picture codecs of this project ask for it to use a machine's own libwebp and libavif where they find them. Then pictures would come
// out differently from machine to machine, a fault in those libraries would be a fault of this program, and the program couldn't be linked
// statically any more. The codecs carry the same libraries translated to Go, and use those once this package has refused.
package purego

import "errors"

// Modes of Dlopen; they mean nothing here.
const (
	RTLD_NOW    = 0 //nolint:revive,staticcheck // named as in C
	RTLD_GLOBAL = 0 //nolint:revive,staticcheck // named as in C
)

var errNever = errors.New("shared libraries are never loaded")

// Dlopen always fails.
func Dlopen(string, int) (uintptr, error) { return 0, errNever }

// Dlsym always fails.
func Dlsym(uintptr, string) (uintptr, error) { return 0, errNever }

// RegisterLibFunc panics: there is no library to take a function from.
func RegisterLibFunc(any, uintptr, string) { panic(errNever) }

// NewCallback gives nothing to call: there is no library that would.
func NewCallback(any) uintptr { return 0 }
