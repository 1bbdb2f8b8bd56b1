package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Follow makes c, whose server has ended, a standby of another cluster under
// an application name, as [Cluster.Standby] makes a new one, and starts it. It
// keeps its folder and address, and nothing of its data.
func (c *Cluster) Follow(primary *Cluster, name string, o Options) error {
	c.forgetMemory()
	if err := os.RemoveAll(c.data()); err != nil {
		return err
	}
	if err := c.copyOf(primary, name); err != nil {
		return err
	}
	if err := appendTo(filepath.Join(c.data(), "postgresql.auto.conf"), c.settings(o)); err != nil {
		return err
	}
	return c.Start()
}

// copyOf fills the folder with a copy of the primary, which it will follow.
func (c *Cluster) copyOf(primary *Cluster, name string) error {
	from := fmt.Sprintf("host=%s port=%d user=rekey application_name=%s", primary.dir, primary.port, name)
	return c.run("pg_basebackup", "-D", c.data(), "-d", from, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
}

// forgetMemory removes the shared memory that a killed server left. Only its
// lock file knows which it is.
func (c *Cluster) forgetMemory() {
	lock, _ := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	lines := strings.Split(string(lock), "\n")
	if len(lines) < 7 {
		return
	}
	if key := strings.Fields(lines[6]); len(key) == 2 {
		_ = exec.Command("ipcrm", "-m", key[1]).Run() // it may be gone
	}
}
