package comment

// Unlearn is what erasing a comment calls.
var Unlearn = unlearn
