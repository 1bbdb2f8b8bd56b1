package main

import "syscall"

// freeSpace returns how many bytes this user may still write to the folder's file
// system.
func freeSpace(folder string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true //nolint:gosec // no disk has so many blocks
}

// networkFileSystem returns the name of the folder's file system if it lies on
// another machine, and "" otherwise: statfs(2).
func networkFileSystem(folder string) string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return ""
	}
	return networkKinds()[uint32(s.Type)] //nolint:gosec // the magic numbers have 32 bits
}

func networkKinds() map[uint32]string {
	return map[uint32]string{
		0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x01021997: "9P", 0x5346414f: "AFS", 0x00c36400: "CephFS", 0x0bd00bd0: "Lustre",
		0x47504653: "GPFS", 0x7461636f: "OCFS2",
	}
}
