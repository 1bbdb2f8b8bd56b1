//go:build !linux

package main

func freeSpace(string) (int64, bool) { return 0, false }

func networkFileSystem(string) string { return "" }
