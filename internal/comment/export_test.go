package comment

// Unlearn is what erasing a comment calls.
var Unlearn = unlearn

// Cursor names a place in a list of the queue.
var Cursor = cursor
