package browser

import (
	"os"
	"path/filepath"
)

// picture writes a picture of the page, if there is a folder for it.
func (s *scene) picture(folder, name string) {
	if folder == "" {
		return
	}
	if text := s.Picture(); s.Err() == nil {
		s.must("write a picture", os.WriteFile(filepath.Join(folder, name+".png"), text, 0o644)) //nolint:gosec // it is to be shown
	}
}
