package passhash

// maker is how a scheme makes new hashes.
type maker struct {
	*algorithm
	keyBytes int
	cost     func(Config) []int // the algorithm's params
	keyID    string             // of the pepper, where the algorithm has one
}

const saltBytes = 16

var makers = map[Scheme]maker{
	Argon2id: {algorithm: argon2id, keyBytes: 32, cost: func(c Config) []int {
		return []int{c.Argon2id.Memory, c.Argon2id.Iterations, c.Argon2id.Parallelism}
	}},
	Bcrypt: {algorithm: bcrypt2a, keyBytes: 23, cost: func(c Config) []int { return []int{c.Bcrypt.Cost} }},
}

// under returns the maker with the pepper's active key, and m if there is none.
func (m maker) under(p Pepper) maker {
	if p.Active != "" {
		m.algorithm, m.keyID = peppered, p.Active
	}
	return m
}

// blank returns a hash at the configured cost with zeros for a key.
func (m maker) blank(c Config, salt []byte) Hash {
	return Hash{algorithm: m.algorithm, params: m.cost(c), salt: salt, key: make([]byte, m.keyBytes), keyID: m.keyID}
}
