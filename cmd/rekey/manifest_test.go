package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manifest is one object, of which [manifest.at] tells.
type manifest map[string]any

// manifests returns the objects in a file, by their kinds.
func manifests(t testing.TB, file string) map[string]manifest {
	t.Helper()
	found := map[string]manifest{}
	for decoder := yaml.NewDecoder(strings.NewReader(contentOf(t, filepath.Join("deploy/kubernetes", file)))); ; {
		var m manifest
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			t.Fatalf("%s: %v", file, err)
		}
		found[fmt.Sprint(m["kind"])] = m
	}
}

// at returns what stands at a path such as spec.ports.0.name, as text; "" if nothing.
// An underscore in it is a dot of a key.
func (m manifest) at(path string) string {
	var v any = map[string]any(m)
	for key := range strings.SplitSeq(path, ".") {
		switch below := v.(type) {
		case manifest:
			v = below[strings.ReplaceAll(key, "_", ".")]
		case map[string]any:
			v = below[strings.ReplaceAll(key, "_", ".")]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(below) {
				return ""
			}
			v = below[n]
		default:
			return ""
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func (m manifest) number(t testing.TB, path string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSuffix(m.at(path), "Mi"))
	if err != nil {
		t.Fatalf("%s is %q, want a number", path, m.at(path))
	}
	return n
}

// has holds the object to what stands at the paths.
func (m manifest) has(t testing.TB, kind string, fields map[string]string) {
	t.Helper()
	for path, want := range fields {
		if got := m.at(path); got != want {
			t.Errorf("%s: %s is %q, want %q", kind, path, got, want)
		}
	}
}

// Where a Deployment and a Job have their pod and its only container.
const (
	pod       = "spec.template.spec."
	container = "spec.template.spec.containers.0."
)

// manifestFields are what the objects must say, by their kinds.
var manifestFields = map[string]map[string]string{
	"Deployment": {
		"apiVersion": "apps/v1", "metadata.name": "rekey", "spec.selector.matchLabels.app": "rekey", "spec.template.metadata.labels.app": "rekey",
		"spec.strategy.rollingUpdate.maxUnavailable": "0", container + "args": "[serve --config /etc/rekey/rekey.yaml]",
		container + "ports":                      "[map[containerPort:8080 name:clients] map[containerPort:8081 name:operations]]",
		container + "livenessProbe.httpGet.path": "/healthz", container + "livenessProbe.httpGet.port": "operations",
		container + "readinessProbe.httpGet.path": "/readyz", container + "readinessProbe.httpGet.port": "operations",
		container + "volumeMounts.2.mountPath": "/tmp", pod + "volumes.2.name": "tmp", pod + "volumes.2.emptyDir.medium": "Memory",
		container + "resources.limits.memory": "256Mi", container + "resources.limits.cpu": "",
	},
	"Job": {
		"apiVersion": "batch/v1", pod + "restartPolicy": "Never", container + "args": "[migrate --config /etc/rekey/rekey.yaml]",
		"spec.template.metadata.labels.app": "rekey-migrate",
	},
	"Service": {
		"apiVersion": "v1", "spec.selector.app": "rekey", "spec.ports": "[map[name:clients port:80 targetPort:clients]]",
	},
	"PodDisruptionBudget": {
		"apiVersion": "policy/v1", "spec.maxUnavailable": "1", "spec.minAvailable": "", "spec.selector.matchLabels.app": "rekey",
	},
	"HorizontalPodAutoscaler": {
		"apiVersion": "autoscaling/v2", "spec.scaleTargetRef": "map[apiVersion:apps/v1 kind:Deployment name:rekey]",
		"spec.metrics.0.pods.metric.name": "rekey_derivation_wait_seconds", "spec.metrics.1.resource.name": "cpu", "spec.minReplicas": "2",
	},
	"NetworkPolicy": {
		"apiVersion": "networking.k8s.io/v1", "spec.podSelector.matchLabels.app": "rekey",
		"spec.ingress.0.ports": "[map[port:clients]]", "spec.ingress.1.ports": "[map[port:operations]]",
	},
	"ConfigMap": {"apiVersion": "v1", "metadata.name": "rekey"},
}

// confined is what keeps a pod in its place.
var confined = map[string]string{
	pod + "securityContext.runAsNonRoot": "true", pod + "securityContext.runAsUser": "65532", pod + "securityContext.fsGroup": "65532",
	pod + "securityContext.seccompProfile.type": "RuntimeDefault", pod + "automountServiceAccountToken": "false",
	container + "securityContext": "map[allowPrivilegeEscalation:false capabilities:map[drop:[ALL]] readOnlyRootFilesystem:true]",
	container + "volumeMounts.0":  "map[mountPath:/etc/rekey name:config readOnly:true]",
	container + "volumeMounts.1":  "map[mountPath:/run/secrets/rekey name:secrets readOnly:true]",
	pod + "volumes.0":             "map[configMap:map[name:rekey] name:config]",
	pod + "volumes.1":             "map[name:secrets secret:map[defaultMode:288 secretName:rekey]]", // 0440
}
