package pages

// What tests look at that nobody else needs.
var (
	Faults       = faults
	Catalogue    = catalogue
	Languages    = languages
	ParseColour  = parseColour
	Contrast     = contrast
	LightGrounds = lightGrounds
	DarkGrounds  = darkGrounds
	Templates    = templates
	Static       = static
	PaceBurst    = paceBurst
)

// Colour is a colour.
type Colour = colour

// Stylesheet returns the brand's.
func (c Colour) Stylesheet() string { return c.stylesheet() }
