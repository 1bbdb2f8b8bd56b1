package passhash

import (
	"regexp"
	"slices"
	"strings"
)

// Kind is what the hashes of one kind have in common. It holds nothing of a
// hash's salt or key.
type Kind struct {
	Scheme string // argon2id, bcrypt or another accepted algorithm's name; "other" for what is none
	Cost   string // its parameters, such as m=19456,t=2,p=1
	Key    string // the id of the pepper's key; "" for a hash without one
}

// Unset is the scheme of an account without a password, and Other that of a
// hash which no accepted algorithm made.
const (
	Unset = "none"
	Other = "other"
)

// cost is what may be told of a hash's parameters: names and numbers.
var cost = regexp.MustCompile(`^([a-z]{1,6}=)?[0-9]{1,10}(,[a-z]{1,6}=[0-9]{1,10}){0,4}$`)

// KindOf reads a kind from what stands before the salt of a hash and the '$'
// that precedes it; "" is an account without a password.
func KindOf(setting string) Kind {
	if setting == "" {
		return Kind{Scheme: Unset}
	}
	parts := strings.Split(setting, "$")
	if len(parts) < 2 || parts[0] != "" || !slices.ContainsFunc(algorithms, func(a *algorithm) bool { return a.name() == parts[1] }) {
		return Kind{Scheme: Other}
	}
	k := Kind{Scheme: parts[1]}
	switch k.Scheme {
	case "2a", "2b", "2y":
		k.Scheme = string(Bcrypt) // the same computation
	case peppered.name():
		k.Scheme = string(Argon2id)
	}
	if params := parts[len(parts)-1]; len(parts) > 2 {
		k.Cost, k.Key, _ = strings.Cut(params, ",keyid=")
	}
	if k.Cost != "" && !cost.MatchString(k.Cost) || k.Key != "" && !ValidKeyID(k.Key) {
		return Kind{Scheme: Other}
	}
	return k
}

// Age says in what a kind differs from that of new hashes.
type Age string

// The closed set of ages; of several the first in this order holds.
const (
	OldScheme Age = "scheme" // another algorithm
	OldCost   Age = "cost"   // other parameters
	OldPepper Age = "pepper" // another key of the pepper, or none, or one where there is none any more
	Current   Age = ""       // in nothing
)

// Ages returns all ages but Current, in the order of their declaration.
func Ages() []Age { return []Age{OldScheme, OldCost, OldPepper} }

// Age says in what a kind differs from that of the hashes which the pool makes.
// An account without a password has nothing that could be old.
func (p *Pool) Age(k Kind) Age {
	setting := p.decoy.setting()
	fresh := KindOf(setting[:strings.LastIndexByte(setting, '$')])
	switch {
	case k.Scheme == Unset:
		return Current
	case k.Scheme != fresh.Scheme:
		return OldScheme
	case k.Cost != fresh.Cost:
		return OldCost
	case k.Key != fresh.Key:
		return OldPepper
	}
	return Current
}
