package passhash

// maker is how a scheme makes new hashes.
type maker struct {
	*algorithm
	keyBytes int
	cost     func(Config) []int // the algorithm's params
}

const saltBytes = 16

var makers = map[Scheme]maker{
	Argon2id: {argon2id, 32, func(c Config) []int {
		return []int{c.Argon2id.Memory, c.Argon2id.Iterations, c.Argon2id.Parallelism}
	}},
	Bcrypt: {bcrypt2a, 23, func(c Config) []int { return []int{c.Bcrypt.Cost} }},
}

// blank returns a hash at the configured cost with zeros for a key.
func (m maker) blank(c Config, salt []byte) Hash {
	return Hash{algorithm: m.algorithm, params: m.cost(c), salt: salt, key: make([]byte, m.keyBytes)}
}
