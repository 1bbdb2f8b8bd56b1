//go:build unix

package main

import (
	"os"
	"syscall"
)

// userOf returns the id of the user that a file belongs to.
func userOf(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}
