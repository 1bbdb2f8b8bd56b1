//go:build !unix

package main

import "os"

// userOf returns this user: where files have no such owners, their folder's rights
// decide.
func userOf(os.FileInfo) int { return os.Getuid() }
