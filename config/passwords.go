package config

import (
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/wordlist"
)

// Passwords is the section of passwords.
type Passwords struct {
	// Policy says which passwords may be chosen.
	Policy Policy `key:"policy"`
	// History is how many passwords, the current one included, may not be chosen again. 0: no history.
	History int `key:"history"`
	// Hash says how passwords are kept.
	Hash passhash.Config `key:"hash"`
	// Pepper holds the keys that hashes are keyed with.
	Pepper Pepper `key:"pepper"`
}

// Policy is a preset and what is added to it.
type Policy struct {
	// Preset is nist or unleash.
	Preset Preset `key:"preset"`
	// MinLength is the least length; 0 takes the preset's (10).
	MinLength int `key:"min_length"`
	// MaxLength is the greatest length; 0 takes the preset's (128).
	MaxLength int `key:"max_length"`
	// MaxRun is how often one character may stand in a row; 0 takes the preset's (nist: any, unleash: 2).
	MaxRun int `key:"max_run"`
	// Lowercase asks for a letter a to z, also where the preset does not.
	Lowercase bool `key:"lowercase"`
	// Uppercase asks for a letter A to Z, also where the preset does not.
	Uppercase bool `key:"uppercase"`
	// Digit asks for a digit 0 to 9, also where the preset does not.
	Digit bool `key:"digit"`
	// Symbol asks for any other character, also where the preset does not.
	Symbol bool `key:"symbol"`
	// CommonPasswords refuses the common passwords, also where the preset does not.
	CommonPasswords bool `key:"common_passwords"`
	// OwnNames refuses the account's own names, also where the preset does not.
	OwnNames bool `key:"own_names"`
	// Words are refused as whole passwords in any case: the names of the company and its products.
	Words []string `key:"words"`
}

// Preset names a policy of the core.
type Preset string

// The closed set of presets.
const (
	PresetNIST    Preset = "nist"    // length, common passwords and own names; no rules of composition
	PresetUnleash Preset = "unleash" // Unleash's seven rules and nothing else
)

// minLength is the least that ASVS 6.2.1 and NIST SP 800-63B-4 allow.
const minLength = 8

// Rules returns the policy for the core. MaxBytes and NoNUL follow the scheme.
func (p Passwords) Rules() core.Policy {
	y := core.NIST(wordlist.Common)
	if p.Policy.Preset == PresetUnleash {
		y = core.Unleash()
	}
	choose := func(value *int, set int) {
		if set > 0 {
			*value = set
		}
	}
	choose(&y.MinLength, p.Policy.MinLength)
	choose(&y.MaxLength, p.Policy.MaxLength)
	choose(&y.MaxRun, p.Policy.MaxRun)
	y.Lower = y.Lower || p.Policy.Lowercase
	y.Upper = y.Upper || p.Policy.Uppercase
	y.Digit = y.Digit || p.Policy.Digit
	y.Symbol = y.Symbol || p.Policy.Symbol
	y.OwnNames = y.OwnNames || p.Policy.OwnNames
	if p.Policy.CommonPasswords {
		y.Common = wordlist.Common
	}
	y.Words = p.Policy.Words
	y.MaxBytes, y.NoNUL = p.Hash.MaxBytes(), p.Hash.NoNUL()
	return y
}

func (p Passwords) validate(report func(key, problem string)) {
	if p.Policy.Preset != PresetNIST && p.Policy.Preset != PresetUnleash {
		report("policy.preset", "write nist or unleash")
	}
	if n := p.Policy.MinLength; n != 0 && n < minLength {
		report("policy.min_length", "set at least 8, or 0 for the preset's")
	}
	if rules := p.Rules(); rules.MaxLength < 64 || rules.MaxLength > 4096 {
		report("policy.max_length", "set 64 to 4096, or 0 for the preset's")
	} else if rules.MinLength > rules.MaxLength {
		report("policy.min_length", "set no more than max_length")
	}
	if p.Policy.MaxRun < 0 {
		report("policy.max_run", "set 1 or more, or 0 for the preset's")
	}
	if p.History < 0 || p.History > 24 {
		report("history", "set 0 to 24")
	}
	p.Hash.Validate(func(key, problem string) { report("hash."+key, problem) })
	p.Pepper.validate(p.Hash.Scheme, func(key, problem string) { report("pepper."+key, problem) })
}
