package console_test

import (
	"strings"
	"testing"
)

func TestDialectsAreShownWithTheirState(t *testing.T) {
	newWorld(t).signedIn().holds("/console/dialects", ">zap<", "POST /v1/otp", "enabled</span>", "adapters.unleash.enabled")
}

func TestTheConfigurationIsFilteredAndMarked(t *testing.T) {
	b := newWorld(t).signedIn()
	b.holds("/console/configuration", "3 of 3 keys; 2 differ", "server.address", "[masked]", "&lt;img", "!<img", "mark-changed")
	b.holds("/console/configuration?changed=1", "2 of 3 keys", "!server.address")
	b.holds("/console/configuration?q=SERVER", "1 of 3 keys", "server.address", "!store.dsn")
	b.holds("/console/configuration?q=none%3Cb%3E", "0 of 3 keys", "No key is as you ask for", "&lt;b&gt;")
}

func TestWhatIsAmissIsShownFirstAndWhatToDo(t *testing.T) {
	body := newWorld(t).signedIn().holds("/console/findings", "1 of 3 checks found something", "start the mail server", "!<img", "2026-03-02 12:00:00")
	if strings.Index(body, ">mail<") > strings.Index(body, ">clock<") {
		t.Error("what is well stands first")
	}
}
