package adapters

import "regexp"

var tellable = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// Tellable reports whether the name that a client gave a field may be told back
// to it. A body that is taken apart wrongly has passwords for names.
func Tellable(name string) bool { return tellable.MatchString(name) }
