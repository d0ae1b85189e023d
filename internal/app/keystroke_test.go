package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// traced is one event of a browser's trace; times are microseconds.
type traced struct {
	Name     string  `json:"name"`
	Phase    string  `json:"ph"`
	At       float64 `json:"ts"`
	Took     float64 `json:"dur"`
	Thread   int     `json:"tid"`
	Process  int     `json:"pid"`
	Argument struct {
		Data struct {
			Type string `json:"type"`
		} `json:"data"`
	} `json:"args"`
}

// trace records what the browser does meanwhile.
func (b *tab) trace(meanwhile func()) []traced {
	b.Helper()
	var events []traced
	done := make(chan struct{})
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	if err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *tracing.EventDataCollected:
			raw, err := json.Marshal(ev.Value)
			var some []traced
			if err != nil || json.Unmarshal(raw, &some) != nil {
				return // an event whose arguments are of another shape
			}
			events = append(events, some...)
		case *tracing.EventTracingComplete:
			close(done)
		}
	}); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, tracing.Start, tracing.StartParams{TransferMode: tracing.StartTransferModeReportEvents,
			TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "disabled-by-default-devtools.timeline"}, ExcludedCategories: []string{"*"}}})
		return err
	}))
	meanwhile()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, tracing.End, cdp.Empty{})
		return err
	}))
	select {
	case <-done:
	case <-b.ctx.Done():
		b.Fatal("the trace never ended")
	}
	return events
}

// Modifiers of a key.
const (
	alt   = 1
	ctrl  = 2
	shift = 8
)

// keyCodes are those of the keys that type nothing.
var keyCodes = map[string]int64{"Enter": 13, "Tab": 9, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "Backspace": 8, "Home": 36, "End": 35}

// stroke presses a key where the focus is, as a keyboard does: a page that takes the key for itself gets no letter after it.
func (b *tab) stroke(key string, modifiers int64) {
	b.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Code: key, Modifiers: modifiers, WindowsVirtualKeyCode: keyCodes[key]}
	switch {
	case key == "Enter":
		down.Text = "\r"
	case keyCodes[key] == 0 && modifiers&(ctrl|alt) == 0:
		down.Text = key
	case keyCodes[key] == 0:
		down.WindowsVirtualKeyCode = int64(strings.ToUpper(key)[0])
	}
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, p := range []input.DispatchKeyEventParams{down, up} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, p); err != nil {
				return err
			}
		}
		return nil
	}))
}

// typed presses a key for each letter; a line end is Enter.
func (b *tab) typed(text string) {
	b.Helper()
	for _, r := range text {
		if r == '\n' {
			b.stroke("Enter", 0)
			continue
		}
		b.stroke(string(r), 0)
	}
}

// pace is a quick typist's time from key to key.
const pace = 50 * time.Millisecond

// keys types n letters, one after another.
func (b *tab) keys(n int) {
	b.Helper()
	typist := time.NewTicker(pace)
	defer typist.Stop()
	for i := range n {
		letter := string(rune('a' + i%26))
		if i%6 == 5 {
			letter = " "
		}
		b.stroke(letter, 0)
		<-typist.C
	}
}

// costs are, for each key that was pressed, the time the page's thread worked until the next one: script, style, layout and paint.
func costs(events []traced) []time.Duration {
	type place struct{ process, thread int }
	pressed := map[place][]float64{}
	for _, e := range events {
		if e.Name == "EventDispatch" && e.Argument.Data.Type == "keydown" {
			at := place{e.Process, e.Thread}
			pressed[at] = append(pressed[at], e.At)
		}
	}
	var out []time.Duration
	for at, keys := range pressed {
		slices.Sort(keys)
		work := make([]float64, len(keys))
		for _, e := range events {
			if e.Name != "RunTask" || e.Process != at.process || e.Thread != at.thread {
				continue
			}
			// The task that holds the key begins before it.
			if i, _ := slices.BinarySearch(keys, e.At+e.Took); i > 0 {
				work[i-1] += e.Took
			}
		}
		for _, w := range work {
			out = append(out, time.Duration(w)*time.Microsecond)
		}
	}
	slices.Sort(out)
	return out
}

// prose is a body of about so many characters.
func prose(characters int) string {
	const sentence = "At 21:14 the lamp at Cape Ore came on, and eleven seconds later, across the <em>grey</em> water, another <a href=\"/x/\">answered</a> it. "
	var b strings.Builder
	for n := 0; n < characters; n++ {
		if n%15 == 0 {
			fmt.Fprintf(&b, "<h2>Night %d</h2>", n)
		}
		b.WriteString("<p>" + strings.TrimSpace(strings.Repeat(sentence, 1+n%4)) + "</p>")
		n += 100 * (1 + n%4)
	}
	return b.String()
}

// BenchmarkKeystroke types into a short article and into one of 200,000 characters, in the middle of each.
func BenchmarkKeystroke(b *testing.B) {
	const presses = 300
	median := map[int]time.Duration{}
	for _, characters := range []int{2_000, 200_000} {
		b.Run(fmt.Sprintf("characters=%d", characters), func(b *testing.B) {
			page := newWorld(b).inEditor(prose(characters))
			length := eval[int](page, `document.querySelector('#body-text').textContent.length`)
			eval[bool](page, `(() => { const e = document.querySelector('[name=body]').stet, all = e.blocks(); e.show(all[Math.floor(all.length / 2)].id); return true })()`)
			page.keys(10)
			for b.Loop() {
				got := costs(page.trace(func() { page.keys(presses) }))
				if len(got) < presses {
					b.Fatalf("the trace has %d keys of %d", len(got), presses)
				}
				median[characters] = got[len(got)/2]
				b.ReportMetric(ms(got[len(got)/2]), "p50-ms")
				b.ReportMetric(ms(got[len(got)*95/100]), "p95-ms")
				b.ReportMetric(ms(got[len(got)-1]), "max-ms")
			}
			b.ReportMetric(float64(length), "characters")
			b.ReportMetric(0, "ns/op")
			if short := median[2_000]; characters > 2_000 && short > 0 {
				b.ReportMetric(float64(median[characters])/float64(short), "times-the-short-one")
			}
		})
	}
}

// BenchmarkOpening opens an article of 5,000 words.
func BenchmarkOpening(b *testing.B) {
	page := newWorld(b).inEditor(prose(31_000))
	at := eval[string](page, `location.pathname`)
	words := eval[int](page, `document.querySelector('#body-text').innerText.split(/\s+/).length`)
	for b.Loop() {
		page.open(at)
		page.until(`performance.getEntriesByName('stet:open').length`)
		b.ReportMetric(eval[float64](page, `performance.getEntriesByName('stet:open')[0].duration`), "editor-ms")
		page.until(`performance.timing.loadEventEnd`)
		b.ReportMetric(eval[float64](page, `performance.timing.loadEventEnd - performance.timing.navigationStart`), "page-ms")
	}
	b.ReportMetric(float64(words), "words")
	b.ReportMetric(0, "ns/op")
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
