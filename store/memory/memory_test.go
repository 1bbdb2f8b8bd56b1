package memory_test

import (
	"testing"

	"rekey/core"
	"rekey/store/memory"
	"rekey/store/storetest"
)

func open(testing.TB) core.Store { return memory.New() }

func TestStore(t *testing.T) { storetest.Run(t, open) }

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, open) }
