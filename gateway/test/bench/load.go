package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// loadPlan is what the bench asks for; load.ts reads the same.
type loadPlan struct {
	Url            string            `json:"url"`
	Headers        map[string]string `json:"headers"`
	Body           string            `json:"body"`
	ExpectedLength int64             `json:"expectedLength"`
	// Closed loop: this many callers, each sends when its answer is there. 0 = open loop.
	Callers int `json:"callers"`
	// Open loop: one request is sent every 1/rate s, whether or not the earlier ones were answered.
	Rate        int     `json:"rate"`
	Seconds     float64 `json:"seconds"`
	RequestsMax int64   `json:"requestsMax"`
}

type loadResult struct {
	Answers     int64     `json:"answers"`
	Errors      int64     `json:"errors"`
	FirstError  string    `json:"firstError"`
	Seconds     float64   `json:"seconds"`
	LatenciesMs []float64 `json:"latenciesMs"`
}

const (
	requestTimeout = 10 * time.Second
	// More unanswered requests than this are errors: a stalled gateway must not eat the machine.
	inFlightMax = 512
)

type loader struct {
	plan     loadPlan
	target   *url.URL
	headers  http.Header
	client   *http.Client
	answers  atomic.Int64
	errors   atomic.Int64
	firstFix sync.Once
	first    string
}

func runLoad(planText string) {
	var plan loadPlan
	if err := json.Unmarshal([]byte(planText), &plan); err != nil {
		log.Fatalf("plan: %v", err)
	}
	target, err := url.Parse(plan.Url)
	if err != nil {
		log.Fatalf("plan.url: %v", err)
	}
	headers := http.Header{"Content-Type": {"application/json"}}
	for name, value := range plan.Headers {
		headers.Set(name, value)
	}
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext, MaxIdleConns: inFlightMax, MaxIdleConnsPerHost: inFlightMax, DisableCompression: true}
	l := &loader{plan: plan, target: target, headers: headers, client: &http.Client{Transport: transport, Timeout: requestTimeout}}
	result := loadResult{LatenciesMs: []float64{}}
	started := time.Now()
	if plan.Callers > 0 {
		l.closedLoop(started)
	} else {
		result.LatenciesMs = l.openLoop(started)
	}
	result.Answers, result.Errors, result.FirstError, result.Seconds = l.answers.Load(), l.errors.Load(), l.first, time.Since(started).Seconds()
	_ = json.NewEncoder(os.Stdout).Encode(result)
}

func (l *loader) closedLoop(started time.Time) {
	deadline := started.Add(time.Duration(l.plan.Seconds * float64(time.Second)))
	var sent atomic.Int64
	var callers sync.WaitGroup
	for caller := 0; caller < l.plan.Callers; caller++ {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for time.Now().Before(deadline) && sent.Add(1) <= l.plan.RequestsMax {
				l.send()
			}
		}()
	}
	callers.Wait()
}

// openLoop measures from the moment a request is really sent: the schedule does not wait for answers, so nothing
// is hidden, and the load generator's own late timer is not charged to the gateway.
func (l *loader) openLoop(started time.Time) []float64 {
	total := int(float64(l.plan.Rate) * l.plan.Seconds)
	latencies := make([]float64, total)
	var inFlight atomic.Int64
	var requests sync.WaitGroup
	for index := 0; index < total; index++ {
		due := started.Add(time.Duration(index) * time.Second / time.Duration(l.plan.Rate))
		time.Sleep(time.Until(due))
		if inFlight.Load() >= inFlightMax {
			l.fail("more than the allowed requests are unanswered")
			continue
		}
		inFlight.Add(1)
		requests.Add(1)
		go func(index int) {
			defer requests.Done()
			sentAt := time.Now()
			if l.send() {
				latencies[index] = float64(time.Since(sentAt).Microseconds()) / 1000
			}
			inFlight.Add(-1)
		}(index)
	}
	requests.Wait()
	return slices.DeleteFunc(latencies, func(latency float64) bool { return latency == 0 })
}

// send is true when the answer was a 200 of exactly the length that the upstream gives without a gateway.
func (l *loader) send() bool {
	body := []byte(l.plan.Body)
	request := &http.Request{Method: http.MethodPost, URL: l.target, Host: l.target.Host, Header: l.headers.Clone(),
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), ProtoMajor: 1, ProtoMinor: 1}
	response, err := l.client.Do(request)
	if err != nil {
		l.fail(err.Error())
		return false
	}
	length, err := io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || length != l.plan.ExpectedLength {
		l.fail(fmt.Sprintf("status %d, %d bytes instead of %d, %v", response.StatusCode, length, l.plan.ExpectedLength, err))
		return false
	}
	l.answers.Add(1)
	return true
}

func (l *loader) fail(message string) {
	l.errors.Add(1)
	l.firstFix.Do(func() { l.first = message })
}
