package load

import (
	"reflect"

	"rekey/config/secret"
	"rekey/core"
)

// literal sets the secret v to text and returns the problem's text, or "" if
// there is none.
func literal(v reflect.Value, text string) string {
	if text == core.Mask {
		return "is what a secret is printed as; write the secret itself"
	}
	v.Set(reflect.ValueOf(secret.New(text)))
	return ""
}

// secrets reads the files that hold secrets. It comes last, so that a file
// that a later layer replaced need not exist.
func (l *loader) secrets(root reflect.Value) {
	each(root, nil, func(k key, v reflect.Value) bool {
		switch {
		case v.Type() == secretType:
			return l.secret(k, v)
		case v.Kind() == reflect.Slice && v.Type().Elem() == secretType:
			for i := range v.Len() {
				l.secret(k.at(i), v.Index(i))
			}
		}
		return false
	})
}

// secret reads the secret v and reports whether that changed it.
func (l *loader) secret(k key, v reflect.Value) bool {
	given := v.Interface().(secret.Value)
	read, err := given.Read()
	if err != nil {
		l.refuse(k, l.origin[k.String()], err.Error())
		return false
	}
	v.Set(reflect.ValueOf(read))
	return given.Path() != ""
}
