import Kernel
import Testing

@testable import Rehearsal

@Suite struct PathMixTests {
    @Test func aListWithoutWeightsFollowsZipf() throws {
        let mix = try PathMix.list("# pages\n/\n\n/donate\r\n/events\n", name: "paths.txt")
        #expect(mix == PathMix(paths: ["/", "/donate", "/events"], weights: [1, 1 / 2, 1 / 3]))
    }

    @Test func aListMayHaveWeights() throws {
        #expect(
            try PathMix.list("3 /\n0.5 /a?b=c", name: "l")
                == PathMix(paths: ["/", "/a?b=c"], weights: [3, 0.5]))
    }

    @Test(arguments: [
        ("", "l has no path"), ("donate", "l:1: a path begins with '/', not as 'donate' does"),
        ("/a\n-1 /b", "l:2: expected a path, or a weight above 0 and a path"),
        ("nan /b", "l:1: expected a path, or a weight above 0 and a path"),
        ("/a\n1 /b", "l:2: some lines have a weight and some have none"),
        ("/ä", "l:1: a path holds visible ASCII characters alone, without '#'"),
        ("1 2 /b", "l:1: expected a path, or a weight above 0 and a path"),
    ])
    func saysWhatIsWrongWithAList(text: String, message: String) {
        let failure = #expect(throws: Failure.self) { try PathMix.list(text, name: "l") }
        #expect(failure?.message == message)
    }

    @Test func aLogKeepsItsFrequencies() throws {
        var log = AccessLog()
        for line in [
            #"203.0.113.9 - - [01/Oct/2016:21:04:07 -0400] "GET /donate?ref=tv HTTP/1.1" 200 5120 "https://a.example/" "M/5.0""#,
            #"{"method":"GET","path":"/donate?ref=tv","status":200}"#,
            #"{"request":"GET /events HTTP/2","host":"www.example.org"}"#,
            #"{"request":{"method":"GET","url":"https://www.example.org/"},"x":1}"#,
            #"203.0.113.9 - - [01/Oct/2016:21:04:07 -0400] "POST /donate HTTP/1.1" 200 5120 "-" "-""#,
            #"{"method":"POST","path":"/donate"}"#, "nonsense", #"{"broken"#, "",
        ] { log.add(line: line) }
        let mix = try log.mix(name: "access.log")
        #expect(mix.paths == ["/donate?ref=tv", "/events", "/"])
        #expect(mix.weights == [2, 1, 1])
        #expect(mix.skipped == 4)
    }

    @Test func aLogWithoutAGetIsRefused() {
        var log = AccessLog()
        log.add(line: "POST")
        let failure = #expect(throws: Failure.self) { try log.mix(name: "access.log") }
        #expect(failure?.message == "access.log holds no GET request")
    }
}
