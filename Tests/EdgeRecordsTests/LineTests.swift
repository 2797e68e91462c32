import Kernel
import Testing

@testable import EdgeRecords

@Suite struct ProgramLineTests {
    @Test(arguments: [
        ("syslog SID audit :: a message", "audit", "a message"), ("syslog  audit :: a", "audit", "a"),
        ("syslog SID my endpoint :: a :: b", "my endpoint", "a :: b"), ("syslog SID audit ::", "audit", ""),
        ("syslog SID audit :: ", "audit", ""), ("plain", "", "plain"),
        ("syslog SID audit", "", "syslog SID audit"),
        ("syslogs a b :: c", "", "syslogs a b :: c"), ("", "", ""),
    ])
    func isTakenApart(text: String, endpoint: String, message: String) {
        text.withBytes { bytes in
            let line = ProgramLine(bytes)
            #expect(line.endpoint.string == endpoint && line.message.string == message)
        }
    }

    @Test(arguments: [
        ("syslog SID audit :: a", "audit", true), ("syslog SID audit :: a", "SID/audit", true),
        ("syslog SID audit :: a", "OTHER/audit", false), ("syslog SID audit :: a", "SID/other", false),
        ("syslog SID audit :: a", "SID audit", false), ("syslog  audit :: a", "/audit", false),
        ("syslog  audit :: a", "audit", true), ("plain", "", false),
    ])
    func goesToAnEndpointOfAnyProgramOrOfOneService(text: String, name: String, goes: Bool) {
        text.withBytes { text in name.withBytes { #expect(ProgramLine(text).goes(to: $0) == goes) } }
    }
}

@Suite struct SyslogMessageTests {
    private func frame(_ text: String, host: String = "edge1", application: String = "hq-edge") -> String {
        let message = SyslogMessage(host: host, application: application, process: 42)
        return text.withBytes {
            String(decoding: message.frame($0, time: 1_767_323_045_678_000_000), as: UTF8.self)
        }
    }

    @Test func isFramedByTheRFC() {
        #expect(frame("hello") == "<134>1 2026-01-02T03:04:05.678Z edge1 hq-edge 42 - - hello")
    }

    @Test func hasNothingInItsHeadThatMayNotStandThere() {
        #expect(frame("x", host: "a b\u{7}é").contains("Z ab hq-edge "))
        #expect(frame("x", host: "").contains("Z - hq-edge "))
        #expect(
            frame("x", application: String(repeating: "n", count: 100)).contains(
                " \(String(repeating: "n", count: 48)) 42"))
    }

    @Test func isCountedForAStream() {
        #expect(SyslogMessage.counted(Array("hello".utf8)) == Array("5 hello".utf8))
    }
}

@Suite struct MetricsTextTests {
    @Test func isThePrometheusFormat() {
        var metrics = MetricsText()
        metrics.begin("hq_x_total", .counter, "A \\ and\na line.")
        metrics.sample("hq_x_total", [("a", "q\"\\\n"), ("b", "c")], 3)
        metrics.single("hq_y", .gauge, "Y.", 0.25)
        metrics.sample("hq_z", [], .infinity)
        #expect(
            metrics.text == """
                # HELP hq_x_total A \\\\ and\\na line.
                # TYPE hq_x_total counter
                hq_x_total{a="q\\"\\\\\\n",b="c"} 3
                # HELP hq_y Y.
                # TYPE hq_y gauge
                hq_y 0.25
                hq_z +Inf

                """)
    }
}
