package staff

// production is the cost outside tests. Within, a hash is cheap, as the tests make hundreds.
var production = usual

func init() { usual = cost{memory: 64, time: 1, lanes: 1} }
