package app

// Drop does what hearing of changed settings does.
func (a *App) Drop() { a.drop() }
