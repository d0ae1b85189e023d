package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGroupLimit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		groups string
		files  map[string]string
		want   int64
	}{
		"version 2":                    {"0::/system.slice/stet.service\n", map[string]string{"system.slice/stet.service/memory.max": "536870912\n"}, 512 << 20},
		"of a group above":             {"0::/a/b\n", map[string]string{"a/b/memory.max": "max\n", "a/memory.max": "1073741824\n"}, 1 << 30},
		"the least of several":         {"0::/a/b\n", map[string]string{"a/b/memory.max": "2147483648", "a/memory.max": "1073741824"}, 1 << 30},
		"in a container":               {"0::/\n", map[string]string{"memory.max": "268435456\n"}, 256 << 20},
		"in a container, seen outside": {"0::/docker/abc\n", map[string]string{"memory.max": "268435456\n"}, 256 << 20},
		"version 1":                    {"5:memory:/stet\n3:cpu,cpuacct:/\n", map[string]string{"memory/stet/memory.limit_in_bytes": "134217728\n"}, 128 << 20},
		"version 1 without one":        {"5:memory:/\n", map[string]string{"memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"none":                         {"0::/\n", map[string]string{"memory.max": "max\n"}, 0},
		"nonsense":                     {"nonsense\n", nil, 0},
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "cgroup"), []byte(tt.groups))
		for file, body := range tt.files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(root, "fs", file)), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(root, "fs", file), []byte(body))
		}
		if got := groupLimit(filepath.Join(root, "cgroup"), filepath.Join(root, "fs")); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if got := groupLimit("/nowhere", "/nowhere"); got != 0 {
		t.Errorf("on another system: %d", got)
	}
}
