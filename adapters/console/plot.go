package console

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// plot is a picture of some series over time, and the table of its numbers. Series
// differ in their dashes and marks, too, for whoever sees no colours.
type plot struct {
	ID, Title string
	Text      string // says in words what is to be seen
	Series    []series
	Rules     []rule // of the scale, from below
	Hours     []rule // of time
	Rows      []row

	from time.Time
	step time.Duration
	told func(float64) string
}

// series is one line of a plot. A value that is not known is NaN.
type series struct {
	Name   shown
	Kind   int    // chooses dashes, mark and colour
	Line   string // the d of a path
	Marks  string // the same
	Sample string // a mark for the legend

	values []float64
}

// rule is a line of the grid with its label.
type rule struct {
	At    float64
	Label string
}

// row is one line of the table.
type row struct {
	At     time.Time
	Values []string
}

// The picture's measures, in units of its own.
const (
	left, right = 44.0, 392.0
	top, bottom = 8.0, 132.0
	sampleX     = 13.0
	seriesKinds = 4
	markEvery   = 12
)

// draw makes the picture of what has been put into the plot, at n points of time.
func (p *plot) draw(n int) {
	most := 0.0
	for _, s := range p.Series {
		for _, value := range s.values {
			if value > most {
				most = value
			}
		}
	}
	most = roundUp(most)
	for _, part := range []float64{0, 0.5, 1} {
		p.Rules = append(p.Rules, rule{p.y(part*most, most), p.told(part * most)})
	}
	for i := range p.Series {
		s := &p.Series[i]
		s.Kind = i % seriesKinds
		s.draw(p, most)
	}
	for _, part := range []int{0, (n - 1) / 2, n - 1} {
		if n > 0 {
			p.Hours = append(p.Hours, rule{p.x(part, n), p.from.Add(time.Duration(part) * p.step).UTC().Format("15:04")})
		}
	}
	p.tell(n)
}

func (s *series) draw(p *plot, most float64) {
	var line, marks strings.Builder
	pen, n := "M", len(s.values)
	for i, value := range s.values {
		if math.IsNaN(value) {
			pen = "M"
			continue
		}
		x, y := p.x(i, n), p.y(value, most)
		fmt.Fprintf(&line, "%s%.4g %.4g", pen, x, y)
		alone := pen == "M" && (i == n-1 || math.IsNaN(s.values[i+1]))
		if pen = "L"; alone || i == n-1 || i%markEvery == s.Kind*markEvery/seriesKinds {
			marks.WriteString(mark(s.Kind, x, y))
		}
	}
	s.Line, s.Marks, s.Sample = line.String(), marks.String(), mark(s.Kind, sampleX, 6)
}

func (p *plot) x(i, n int) float64 {
	if n < 2 {
		return left
	}
	return left + (right-left)*float64(i)/float64(n-1)
}

func (p *plot) y(value, most float64) float64 { return bottom - (bottom-top)*value/most }

// mark returns the shape that marks points of a series, as the d of a path.
func mark(kind int, x, y float64) string {
	switch kind {
	case 0:
		return fmt.Sprintf("M%.4g %.4ga3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", x-3, y)
	case 1:
		return fmt.Sprintf("M%.4g %.4gh5v5h-5z", x-2.5, y-2.5)
	case 2:
		return fmt.Sprintf("M%.4g %.4gl3.5 6h-7z", x, y-3.5)
	default:
		return fmt.Sprintf("M%.4g %.4gl3.5 3.5l-3.5 3.5l-3.5 -3.5z", x, y-3.5)
	}
}

// roundUp returns a round number that is not less.
func roundUp(n float64) float64 {
	if n <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(n)))
	for _, round := range []float64{1, 2, 5} {
		if n <= round*unit*1.0001 {
			return round * unit
		}
	}
	return 10 * unit
}

// tell writes the table, the newest first, and the words for who sees no picture.
func (p *plot) tell(n int) {
	for i := n - 1; i >= 0; i-- {
		r := row{At: p.from.Add(time.Duration(i) * p.step)}
		for _, s := range p.Series {
			r.Values = append(r.Values, p.number(s.values[i]))
		}
		p.Rows = append(p.Rows, r)
	}
	var all []string
	for _, s := range p.Series {
		most := math.NaN()
		for _, value := range s.values {
			if math.IsNaN(most) || value > most {
				most = value
			}
		}
		if n > 0 {
			all = append(all, fmt.Sprintf("%s: now %s, at most %s", s.Name, p.number(s.values[n-1]), p.number(most)))
		}
	}
	p.Text = strings.Join(all, "; ") + "."
}

func (p *plot) number(value float64) string {
	if math.IsNaN(value) {
		return "–"
	}
	return p.told(value)
}
