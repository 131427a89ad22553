package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// A provider parses what it is sent, so a body that a gateway has broken is a 400 here and an error in the table.
type chatRequest struct {
	Model  string `json:"model"`
	Stream bool   `json:"stream"`
}

const (
	requestBytesMax = 1 << 20
	streamEvents    = 16
	// Ids differ as a real provider's do, and have one width, so that every answer has the same length.
	idFormat = "chatcmpl-%010d"
)

var (
	answers    atomic.Uint64
	sentence   = "The harbour opens at six, the ferry leaves at seven, and the market on the quay is busiest before noon. "
	answerTail = `","object":"chat.completion","created":1760000000,"model":"bench-1","choices":[{"index":0,"message":{"role":"assistant","content":"` +
		strings.Repeat(sentence, 7) + `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":190,"completion_tokens":160,"total_tokens":350}}`
	eventTail = `","object":"chat.completion.chunk","created":1760000000,"model":"bench-1","choices":[{"index":0,"delta":{"content":"harbour "},"finish_reason":null}]}` + "\n\n"
	lastTail  = `","object":"chat.completion.chunk","created":1760000000,"model":"bench-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":190,"completion_tokens":16,"total_tokens":206}}` + "\n\ndata: [DONE]\n\n"
)

// serveUpstream prints its port as the first line and serves until its parent is gone.
func serveUpstream() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(answer)))
}

func answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, requestBytesMax))
	var request chatRequest
	if err != nil || json.Unmarshal(body, &request) != nil || request.Model != "bench-1" {
		http.Error(w, `{"error":{"message":"not the bench's request"}}`, http.StatusBadRequest)
		return
	}
	id := fmt.Sprintf(idFormat, answers.Add(1))
	if request.Stream {
		stream(w, id)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = io.WriteString(w, `{"id":"`+id+answerTail)
}

// stream sends every event on its own, as a model does, but without waiting between them.
func stream(w http.ResponseWriter, id string) {
	w.Header()["Content-Type"] = []string{"text/event-stream"}
	flusher := w.(http.Flusher)
	event := `data: {"id":"` + id + eventTail
	for sent := 0; sent < streamEvents; sent++ {
		_, _ = io.WriteString(w, event)
		flusher.Flush()
	}
	_, _ = io.WriteString(w, `data: {"id":"`+id+lastTail)
}
