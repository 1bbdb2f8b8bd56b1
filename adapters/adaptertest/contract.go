package adaptertest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"rekey/adapters"
)

// Contract holds exchanges to what the adapter says of itself.
type Contract struct {
	name   string
	doc    *openapi3.T
	router routers.Router
}

// ContractOf returns nil for an adapter that says nothing.
func ContractOf(t testing.TB, a adapters.Adapter) *Contract {
	t.Helper()
	if _, ok := a.(adapters.Documented); !ok {
		return nil
	}
	text, err := adapters.Describe(a)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatalf("OpenAPI: %v", err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatalf("OpenAPI: %v", err)
	}
	return &Contract{a.Name(), doc, router}
}

// holds returns why an exchange breaks the contract: a request that succeeded
// and is not described, or an answer that is not.
func (c *Contract) holds(raw []byte, resp *http.Response, body []byte) error {
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	content, _ := io.ReadAll(request.Body)
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // one dialect's vendor drops the mark
	input := c.input(request, content)
	if input != nil && resp.StatusCode < http.StatusMultipleChoices {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return fmt.Errorf("a request that succeeds is not described: %w", err)
		}
	}
	return c.answers(input, request.Method, resp, body)
}

// Answers returns why an answer to the request is none that is described.
// Nothing is said of the request.
func (c *Contract) Answers(request *http.Request, resp *http.Response, body []byte) error {
	return c.answers(c.input(request.Clone(context.Background()), nil), request.Method, resp, body)
}

// input returns what describes the request, or nil for a path or a method that
// nothing does.
func (c *Contract) input(request *http.Request, content []byte) *openapi3filter.RequestValidationInput {
	request.URL.Path = strings.TrimSuffix(request.URL.Path, "/")
	request.Body = io.NopCloser(bytes.NewReader(content))
	// The dialects read JSON under other types as well; the contract names one.
	if json.Valid(content) && len(content) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	route, params, err := c.router.FindRoute(request)
	if err != nil { // 404 and 405 below the prefixes
		return nil
	}
	return &openapi3filter.RequestValidationInput{
		Request: request, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
			ExcludeRequestBody: len(content) > 0 && request.Header.Get("Content-Encoding") != "" || bytes.IndexByte(content, 0) >= 0,
		},
	}
}

func (c *Contract) answers(input *openapi3filter.RequestValidationInput, method string, resp *http.Response, body []byte) error {
	if input == nil {
		return c.failure(method, body)
	}
	if method == http.MethodHead {
		return nil
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: input.Options,
	}
	if err := openapi3filter.ValidateResponse(context.Background(), answer.SetBodyBytes(body)); err != nil {
		return fmt.Errorf("the answer is not described: %w", err)
	}
	return nil
}

// failure holds the body to the dialect's one form of failure.
func (c *Contract) failure(method string, body []byte) error {
	if method == http.MethodHead {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("a failure is no JSON: %w", err)
	}
	return c.doc.Components.Schemas[c.name+"_failure"].Value.VisitJSON(value)
}
