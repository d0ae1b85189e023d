package app

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryShare is how much of what the machine lets this program have the garbage collector may let it use: the rest is for stacks, for what
// the kernel keeps for it and for children that make pictures.
const memoryShare = 0.9

// ballastSize is how much the garbage collector counts as in use besides: it runs a fraction as often while little else is.
const ballastSize = 24 << 20

// newBallast is never touched, so that it takes no memory. It counts for as long as it is kept alive.
func newBallast() []byte { return make([]byte, ballastSize) }

// boundMemory has the garbage collector keep below the limit of the program's control group, so that a burst makes it work harder rather than
// have the kernel end the program. Where GOMEMLIMIT is set that counts.
func boundMemory(log *slog.Logger) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if limit := groupLimit("/proc/self/cgroup", "/sys/fs/cgroup"); limit > 0 {
		debug.SetMemoryLimit(int64(float64(limit)*memoryShare) + ballastSize)
		log.Info("memory is bounded by the control group", "limit", limit)
	}
}

// groupLimit is the least of the memory limits of the control group that the file says and of those above it, in bytes; 0 where there is none.
func groupLimit(file, root string) int64 {
	groups, err := os.ReadFile(file)
	if err != nil {
		return 0 // another system
	}
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(groups)) {
		_, line, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(line, ":")
		// In a container the group's own path may be missing: its limit stands at the root.
		for dir := group; ; dir = filepath.Dir(dir) {
			switch {
			case controllers == "":
				least = min(least, limitIn(filepath.Join(root, dir, "memory.max")))
			case strings.Contains(","+controllers+",", ",memory,"):
				least = min(least, limitIn(filepath.Join(root, "memory", dir, "memory.limit_in_bytes")))
			}
			if dir == "/" || dir == "." || dir == "" {
				break
			}
		}
	}
	// Version 1 says no limit with a number that no machine has.
	if least >= 1<<60 {
		return 0
	}
	return least
}

func limitIn(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return math.MaxInt64
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n <= 0 {
		return math.MaxInt64 // "max"
	}
	return n
}
