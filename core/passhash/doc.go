// Package passhash makes and verifies password hashes.
//
// [Pool] is the [core.Hasher]: it bounds how many derivations run at once and
// how many callers wait. [Parse] reads a stored hash strictly: what it accepts
// prints exactly as it was read, and costs no more than its algorithm's bounds
// allow, because a row of a database or an import file is input.
//
// # Accepted hashes
//
//	argon2id      $argon2id$v=19$m=…,t=…,p=…$salt$key
//	peppered      $argon2id-hmac-sha256$v=19$m=…,t=…,p=…,keyid=…$salt$key
//	argon2i       $argon2i$v=19$m=…,t=…,p=…$salt$key
//	bcrypt        $2a$…, $2b$…, $2y$… with a cost of two digits
//	scrypt        $scrypt$ln=…,r=…,p=…$salt$key
//	pbkdf2        $pbkdf2-sha256$i=…$salt$key         as PHC has it
//	              $pbkdf2-sha256$i=…,l=…$salt$key     with the key's length
//	              $pbkdf2-sha256$…$salt$key           as passlib has it, in its
//	                                                  base64 with '.' for '+'
//
//	crypt         $1$salt$key; $5$… and $6$… with rounds=…$ or without
//	LDAP's ssha   $ssha$salt$key, $ssha256$…, $ssha512$…
//	Firebase's    $firebase-scrypt$ln=…,r=…,sep=…,signer=…$salt$key
//
// The last three are for imported hashes: rekey verifies them until a change
// replaces them. ln and r are Firebase's mem_cost and rounds, sep and signer its
// salt separator and signer key, all in base64 like salt and key. [Canonical]
// reads LDAP's {SSHA} and {CRYPT} and Django's pbkdf2_sha256$ and pbkdf2_sha1$
// as well, and returns the forms above.
//
// The pbkdf2 forms exist for sha1, sha256 and sha512; passlib calls its first
// one plainly $pbkdf2$. Base64 is unpadded and canonical, numbers are decimal
// without leading zeros. What crypt(3) has of salts and keys is in its own
// alphabet; a password over 511 bytes never verifies against it.
//
// # Pepper
//
// With a [Pepper] new hashes are argon2id and then HMAC-SHA-256 of its 32 bytes,
// behind the context "rekey pepper v1" and a NUL, under the key that keyid names.
// Hashes without one, and those under older keys, verify as before; one whose key
// is gone is an error, never a wrong password.
//
// # bcrypt
//
// bcrypt sees 72 bytes. A new hash is never made of a longer password, nor of
// one with a NUL, which other readers take for the end. A longer password
// still verifies against an imported hash by its first 72 bytes, as it did
// with the maker. A password with a NUL never verifies: to bcrypt "a\x00a" is
// "a", and rekey counts every byte.
package passhash
