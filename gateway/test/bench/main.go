// The bench's upstream and load generator in one small program, because both must cost less than what they measure.
// Only the standard library, so that it builds without a network.
package main

import (
	"io"
	"log"
	"os"
	"runtime/debug"
)

func main() {
	log.SetFlags(0)
	// Both sides make short-lived garbage only; fewer collections leave the processor to the gateway.
	debug.SetGCPercent(400)
	if len(os.Args) < 2 {
		log.Fatal("usage: bench upstream | bench load <plan as JSON>")
	}
	switch os.Args[1] {
	case "upstream":
		go endWithParent()
		serveUpstream()
	case "load":
		runLoad(os.Args[2])
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
}

// endWithParent leaves no server behind when the bench itself is killed: its end of the pipe closes then.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
