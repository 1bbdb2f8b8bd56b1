package adapters

import (
	"fmt"
	"runtime"
	"strings"
)

// panicSite returns where the panic that is being recovered began, as
// "file.go:12".
func panicSite() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d", frame.File[strings.LastIndexByte(frame.File, '/')+1:], frame.Line)
		}
		panicking = panicking || inRuntime
		if !more {
			return "unknown"
		}
	}
}
