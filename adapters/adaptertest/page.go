package adaptertest

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

// pageOf returns the transcript as a chapter of PROTOCOL.md.
func pageOf(archive *txtar.Archive) []byte {
	heading, prose, _ := strings.Cut(string(archive.Comment), "\n")
	var page bytes.Buffer
	fmt.Fprintf(&page, "\n## %s\n\n", heading)
	if prose = strings.TrimSpace(prose); prose != "" {
		fmt.Fprintf(&page, "%s\n\n", prose)
	}
	for _, file := range archive.Files {
		kind, title, _ := strings.Cut(file.Name, ":")
		text := strings.TrimRight(string(file.Data), "\n")
		switch title = strings.TrimSpace(title); kind {
		case "given":
			fmt.Fprintf(&page, "Given:\n\n```\n%s\n```\n\n", text)
		case "config":
			fmt.Fprintf(&page, "Configured with:\n\n```yaml\n%s\n```\n\n", text)
		case "request":
			if title != "" {
				fmt.Fprintf(&page, "### %s\n\n", title)
			}
			fmt.Fprintf(&page, "```http\n%s\n```\n\n", text)
		case "response":
			fmt.Fprintf(&page, "```http\n%s\n```\n\n", text)
		case "then":
			fmt.Fprintf(&page, "Audit trail: `%s`\n\n", strings.ReplaceAll(text, "\n", "`, `"))
		}
	}
	return append(bytes.TrimRight(page.Bytes(), "\n"), 0x0a)
}
