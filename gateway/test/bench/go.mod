module sinew/bench

go 1.21
