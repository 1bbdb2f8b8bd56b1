package main

// facts is what dev writes for programs.
type facts struct {
	BaseURL       string         `json:"base_url"`
	Accounts      []accountFacts `json:"accounts"`
	LicenseSpring struct {
		APIKey           string `json:"api_key"`
		SharedKey        string `json:"shared_key"`
		RefusedAPIKey    string `json:"refused_api_key"`
		RefusedSharedKey string `json:"refused_shared_key"`
	} `json:"licensespring"`
	Unleash struct {
		ResetTokens []string `json:"reset_tokens"`
		AdminToken  string   `json:"admin_token"`
	} `json:"unleash"`
	Manage struct {
		URL string `json:"url"`
		Key string `json:"key"`
	} `json:"manage"`
	Pages struct {
		ResetURL  string `json:"reset_url"`
		ForgotURL string `json:"forgot_url"`
	} `json:"pages"`
	Console struct {
		SignInURL string `json:"sign_in_url"`
	} `json:"console"`
	ZAP struct {
		AdminToken     string `json:"admin_token"`
		OtherRoleToken string `json:"other_role_token"`
		HMACSecret     string `json:"hmac_secret"`
	} `json:"zap"`
}

type accountFacts struct {
	ID        string `json:"id"`
	Tenant    string `json:"tenant"`
	Username  string `json:"username"`
	Email     string `json:"email"`
	Password  string `json:"password"`
	ZAPUserID string `json:"zap_user_id"`
}
