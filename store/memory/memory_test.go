package memory_test

import (
	"testing"

	"rekey/store/memory"
	"rekey/store/storetest"
)

func open(testing.TB) storetest.Store { return memory.New() }

func TestStore(t *testing.T) { storetest.Run(t, open) }

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, open) }
