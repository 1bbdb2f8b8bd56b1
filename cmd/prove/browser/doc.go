// Package browser uses the pages for users and the console in a headless
// Chromium, as people do, and shows that they work with and without scripts, on
// small and large screens, by keyboard and for axe-core, that they are light and
// quick and ask nobody else for anything, and that no name becomes markup.
package browser
