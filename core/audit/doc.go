// Package audit makes the audit trail evident to tampering: what was recorded is
// sealed in batches, and each seal holds the digest of the one before.
//
// # Vocabulary
//
//   - row: an event as the trail keeps it, each field a text.
//   - leaf: the digest of one row.
//   - batch: the rows that were sealed together, in the order of their tenants and
//     then their ids, byte by byte.
//   - seal: what is kept of a batch for ever, also when its rows are pruned.
//   - head: the last seal. anchor: a seal's number and digest, kept elsewhere.
//   - finding: one thing that a check found wrong.
//
// # What is digested
//
// Whoever has the rows and the seals can check them with SHA-256 and nothing of
// ours. A list of texts is digested as netstrings: for each text its length in
// bytes as a decimal number, a colon, the text, and a comma. Digests in a list are
// 64 lower-case hexadecimal digits, numbers are decimal, and times are in UTC with
// six digits after the second, as 2026-11-21T12:00:00.123456Z.
//
//	leaf   = SHA-256 of "rekey-event-v1", tenant, id, at, account, action, proof,
//	         outcome, actor, dialect, addr, request_id
//	root   = SHA-256 of "rekey-batch-v1", and then each leaf
//	digest = SHA-256 of "rekey-seal-v1", seq, prev, rows, first, last, sealed_at, root
//
// seq counts from 1. prev is the digest of the seal before, and 64 zeros in the
// first. rows is how many there are, first and last are the earliest and the latest
// at of them.
//
// Where a sealing key is configured a seal also has a mac, which nobody can make
// without the key: the key's id, a dot, and in unpadded URL-safe base64 the
// HMAC-SHA-256 of
//
//	5:auditDIGEST
//
// where DIGEST is the seal's, under HKDF-SHA-256 of the key without a salt, with
// "rekey digest v1" for its purpose.
package audit
