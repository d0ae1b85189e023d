package comment

// shownSteps is how deep a thread is indented; what is deeper stands under the third step, oldest first.
const shownSteps = 3

// above is the comment that another one answers; nil ids where there is none.
type above struct {
	ParentID    *int64
	ParentRoot  *int64
	ParentDepth *int
	ParentPath  []int64
}

// place is where a comment stands in its thread: the thread's first comment, how many steps down it is (1 for a first one), and the ids
// from the first to itself, cut to the steps that are shown.
func (a *above) place(id int64) (root int64, depth int, path []int64) {
	if a.ParentID == nil {
		return id, 1, []int64{id}
	}
	path = append(path, a.ParentPath...)
	if len(path) < shownSteps {
		path = append(path, id)
	}
	return *a.ParentRoot, *a.ParentDepth + 1, path
}
