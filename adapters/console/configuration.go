package console

import "strings"

// setting is one key of the configuration, as the management API tells it: masked.
type setting struct {
	Key     shown `json:"key"`
	Value   shown `json:"value"`
	Default shown `json:"default"`
	Changed bool  `json:"changed"`
}

// settings are what the page of the configuration is made of.
type settings struct {
	Query   string
	Shown   shown
	Changed bool // whether only what differs from the default is shown
	Found   []setting
	All     int
	Differ  int
}

func (v *visit) configuration() error {
	var got struct {
		Settings []setting `json:"settings"`
	}
	if err := v.get("/configuration", nil, &got); err != nil {
		return err
	}
	s := settings{Query: v.QueryParam("q"), Shown: visible(v.QueryParam("q")), Changed: v.QueryParam("changed") != "", All: len(got.Settings)}
	for _, one := range got.Settings {
		if one.Changed {
			s.Differ++
		}
		if s.wants(one) {
			s.Found = append(s.Found, one)
		}
	}
	return v.show("configuration", view{Title: "Configuration", Body: s})
}

func (s settings) wants(one setting) bool {
	text, query := strings.ToLower(string(one.Key+"\n"+one.Value)), strings.ToLower(s.Query)
	return (!s.Changed || one.Changed) && strings.Contains(text, query)
}
