package load

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func parseText(v reflect.Value, s string) error {
	return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
}

func showText(v reflect.Value) string {
	text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

func parseDuration(v reflect.Value, s string) error {
	d, err := time.ParseDuration(s)
	if err == nil {
		v.SetInt(int64(d))
	}
	return err
}

// showDuration drops the zeros that Duration.String appends: 1h, not 1h0m0s.
func showDuration(v reflect.Value) string {
	s := time.Duration(v.Int()).String()
	if cut, ok := strings.CutSuffix(s, "m0s"); ok {
		s = cut + "m"
	}
	if cut, ok := strings.CutSuffix(s, "h0m"); ok {
		s = cut + "h"
	}
	return s
}

func showBool(v reflect.Value) string { return strconv.FormatBool(v.Bool()) }
func showInt(v reflect.Value) string  { return strconv.FormatInt(v.Int(), 10) }
func showUint(v reflect.Value) string { return strconv.FormatUint(v.Uint(), 10) }
func showFloat(v reflect.Value) string {
	return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
}

var errForm = errors.New("not in the form that is wanted")

func parseBool(v reflect.Value, s string) error {
	if s != "true" && s != "false" {
		return errForm
	}
	v.SetBool(s == "true")
	return nil
}

// decimal excludes leading zeros: to YAML, 010 is eight.
var decimal = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)$`)

func parseInt(v reflect.Value, s string) error {
	if !decimal.MatchString(s) {
		return errForm
	}
	n, err := strconv.ParseInt(s, 10, v.Type().Bits())
	if err == nil {
		v.SetInt(n)
	}
	return err
}

func parseUint(v reflect.Value, s string) error {
	if !decimal.MatchString(s) {
		return errForm
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "+"), 10, v.Type().Bits())
	if err == nil {
		v.SetUint(n)
	}
	return err
}

func parseFloat(v reflect.Value, s string) error {
	n, err := strconv.ParseFloat(s, v.Type().Bits())
	switch {
	case err != nil:
		return err
	case math.IsInf(n, 0) || math.IsNaN(n):
		return errForm
	}
	v.SetFloat(n)
	return nil
}
