package replay

import (
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
)

func TestWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name   string
		labels map[string]string
		want   string
	}{
		{"web-7d4b9c6f5-x2k9p", map[string]string{"pod-template-hash": "7d4b9c6f5"}, "web"},
		{"db-0", map[string]string{"controller-revision-hash": "db-5f6c", "statefulset.kubernetes.io/pod-name": "db-0"}, "db"},
		{"agent-x2k9p", map[string]string{"controller-revision-hash": "5f6c7d8b9"}, "agent"},
		{"report-29000000-q5zx8", map[string]string{"job-name": "report-29000000"}, "report"},
		{"migrate-q5zx8", map[string]string{"batch.kubernetes.io/job-name": "migrate"}, "migrate"},
		{"by-hand", nil, "by-hand"},
		{"web-7d4b9c6f5-x2k9p", nil, "web-7d4b9c6f5-x2k9p"}, // nobody says that it has a controller
	} {
		if got := workloadOf(&cluster.Pod{Name: tt.name, Labels: tt.labels}); got != tt.want {
			t.Errorf("%s with %v: got %s, want %s", tt.name, tt.labels, got, tt.want)
		}
	}
	for name, want := range map[string]string{
		"web-7d4b9c6f5-x2k9p": "web", "web-7d4b9c6f5-": "web", "agent-": "agent", "db-0": "db-0", "report-29000000-q5zx8": "report", "by-hand": "by-hand",
	} {
		if got := workloadNamed(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
