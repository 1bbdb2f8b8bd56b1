package console

// dialect is a dialect as the management API tells it.
type dialect struct {
	Name    shown `json:"name"`
	Enabled bool  `json:"enabled"`
	Routes  []struct {
		Method shown `json:"method"`
		Path   shown `json:"path"`
	} `json:"routes"`
}

func (v *visit) dialects() error {
	var got struct {
		Dialects []dialect `json:"dialects"`
	}
	if err := v.get("/dialects", nil, &got); err != nil {
		return err
	}
	return v.show("dialects", view{Title: "Dialects", Body: got.Dialects})
}
