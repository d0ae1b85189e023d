package report

// Find is find for tests.
var Find = find
