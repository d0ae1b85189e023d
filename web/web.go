// Package web holds the templates, words and assets that the faces draw with, as files embedded in the program.
//
// It must never hold logic: what a page does is its face's business, how it is parsed is package page's.
package web

import "embed"

// FS has layouts/, partials/, site/, newsroom/, mail/, static/ and text/, and in cards/ the typefaces of made pictures.
//
//go:embed layouts partials site newsroom mail static text cards/*.ttf
var FS embed.FS
