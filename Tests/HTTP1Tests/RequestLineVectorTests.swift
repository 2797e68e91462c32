import HTTP1
import Testing

@Suite struct RequestLineVectorTests {
    @Test(arguments: startLines + targets + hosts)
    func aRequestLineAndItsHostAreReadByTheRFC(vector: HeadCase) {
        #expect(vector.request() == vector.verdict)
    }

    @Test func anHTTPSURIIsServedOverTLSAlone() {
        let vector = HeadCase(
            "", "9110 7.4", ["GET https://a/b HTTP/1.1", "Host: a"], .reads("GET /b a none"))
        #expect(vector.request(overTLS: true) == vector.verdict)
        #expect(vector.request() == .refuses(.misdirected))
    }

    private static let host = ["Host: a"]

    private static let startLines: [HeadCase] = [
        HeadCase(
            "a method is any token", "9110 9.1", ["X-1_~!#$%&'*+.^`| / HTTP/1.1"] + host,
            .reads("X-1_~!#$%&'*+.^`| / a none")),
        HeadCase("a method keeps its case", "9110 9.1", ["get / HTTP/1.1"] + host, .reads("get / a none")),
        HeadCase("no method has @", "9110 5.6.2", ["G@T / HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase("no method has (", "9110 5.6.2", ["GET( / HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "no method has octets above ASCII", "9110 5.6.2", ["GÉT / HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase("a method there is", "9112 3", [" / HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "white space does not come before the line", "9112 3", [" GET / HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "two spaces are one too many", "9112 3", ["GET  / HTTP/1.1"] + host, .refuses(.malformedStartLine)
        ),
        HeadCase(
            "two spaces before the version are as well", "9112 3", ["GET /  HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase("a tab is no space", "9112 3", ["GET\t/ HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "a form feed is no space", "9112 3", ["GET\u{C}/ HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "nothing follows the version", "9112 3", ["GET / HTTP/1.1 "] + host, .refuses(.malformedStartLine)
        ),
        HeadCase("HTTP/0.9 has no head", "9112 2.3", ["GET /"], .refuses(.malformedStartLine)),
        HeadCase("HTTP/0.9 is not served", "9112 2.3", ["GET / HTTP/0.9"], .refuses(.badVersion)),
        HeadCase("HTTP/1.0 needs no Host", "9112 3.2", ["GET / HTTP/1.0"], .reads("GET / - none")),
        HeadCase(
            "a higher minor version is read as 1.1", "9110 2.5", ["GET / HTTP/1.9"] + host,
            .reads("GET / a none")),
        HeadCase("it needs a Host then", "9112 3.2", ["GET / HTTP/1.9"], .refuses(.missingHost)),
        HeadCase("HTTP/2's preface is not for here", "9113 3.4", ["PRI * HTTP/2.0"], .refuses(.badVersion)),
        HeadCase("nor is HTTP/3", "9110 15.6.6", ["GET / HTTP/3.0"] + host, .refuses(.badVersion)),
        HeadCase(
            "a version has one digit", "9112 2.3", ["GET / HTTP/1.10"] + host, .refuses(.malformedStartLine)),
        HeadCase("a version has a dot", "9112 2.3", ["GET / HTTP/1,1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "a version has two numbers", "9112 2.3", ["GET / HTTP/1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "HTTP is written large", "9112 2.3", ["GET / http/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "another protocol is none", "9112 2.3", ["GET / RTSP/1.0"] + host, .refuses(.malformedStartLine)),
        HeadCase("a version there is", "9112 2.3", ["GET / "] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "a bare LF ends no line", "9112 2.2", raw: "GET / HTTP/1.1\nHost: a\r\n\r\n",
            .refuses(.malformedStartLine)),
        HeadCase(
            "a bare CR ends no line", "9112 2.2", raw: "GET / HTTP/1.1\rHost: a\r\n\r\n",
            .refuses(.malformedStartLine)),
        HeadCase(
            "one CR before the LF is enough", "9112 2.2", raw: "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
            .refuses(.malformedStartLine)),
        HeadCase(
            "a line that is empty is the caller's to skip", "9112 2.2",
            raw: "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .refuses(.malformedStartLine)),
    ]

    private static let targets: [HeadCase] = [
        HeadCase(
            "a path has a query", "9112 3.2.1", ["GET /a?b=c?d HTTP/1.1"] + host,
            .reads("GET /a?b=c?d a none")),
        HeadCase(
            "a path may begin with two slashes", "9112 3.2.1", ["GET //b/c HTTP/1.1"] + host,
            .reads("GET //b/c a none")),
        HeadCase(
            "a path begins with a slash", "9112 3.2.1", ["GET a HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "a query alone is no target", "9112 3.2.1", ["GET ?a HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "a fragment is never sent", "9112 3.2", ["GET /a#b HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "nor behind seven others", "9112 3.2", ["GET /123456# HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "a space ends the target", "9112 3.2", ["GET /a b HTTP/1.1"] + host, .refuses(.malformedStartLine)
        ),
        HeadCase(
            "a tab is not in it", "9112 3.2", ["GET /a\tb HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase("NUL is not in it", "9112 3.2", ["GET /a\0 HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "DEL is not in it", "9112 3.2", ["GET /a\u{7F} HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "a CR is not in it", "9112 2.2", ["GET /a\rb HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "what browsers send raw is forwarded raw", "9112 3.2", ["GET /\"<>\\^`{|}é?%zz HTTP/1.1"] + host,
            .reads("GET /\"<>\\^`{|}é?%zz a none")),
        HeadCase(
            "a whole URI says the host", "9112 3.2.2", ["GET http://b/c?d HTTP/1.1"] + host,
            .reads("GET /c?d b none")),
        HeadCase(
            "its scheme has no case", "9110 4.2.3", ["GET HTTP://b/ HTTP/1.1"] + host, .reads("GET / b none")),
        HeadCase(
            "its host has a port", "9112 3.2.2", ["GET http://b:81/ HTTP/1.1"] + host,
            .reads("GET / b:81 none")),
        HeadCase(
            "it may have no path", "9112 3.2.1", ["GET http://b HTTP/1.1"] + host, .reads("GET / b none")),
        HeadCase(
            "but a query then", "9112 3.2.1", ["GET http://b?c/d HTTP/1.1"] + host, .reads("GET /?c/d b none")
        ),
        HeadCase(
            "OPTIONS of a host is about the server", "9112 3.2.4", ["OPTIONS http://b:81 HTTP/1.1"] + host,
            .reads("OPTIONS * b:81 none")),
        HeadCase(
            "OPTIONS of a path is about the path", "9112 3.2.4", ["OPTIONS http://b/ HTTP/1.1"] + host,
            .reads("OPTIONS / b none")),
        HeadCase(
            "it needs a Host line all the same", "9112 3.2", ["GET http://b/ HTTP/1.1"],
            .refuses(.missingHost)),
        HeadCase(
            "HTTP/1.0 has its host from it", "9112 3.2.2", ["GET http://b/ HTTP/1.0"], .reads("GET / b none")),
        HeadCase(
            "two Hosts are two too many", "9112 3.2", ["GET http://b/ HTTP/1.1", "Host: b", "Host: b"],
            .refuses(.duplicateHost)),
        HeadCase(
            "it has a host", "9110 4.2.1", ["GET http:///a HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "a port is no host", "9110 4.2.1", ["GET http://:80/a HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "a user is an error", "9110 4.2.4", ["GET http://u@b/ HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "so is a password", "9110 4.2.4", ["GET http://u:p@b/ HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "its port has digits", "9110 4.2.1", ["GET http://b:8a/ HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "a gateway gets no other scheme", "9110 7.4", ["GET ftp://b/ HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase("https needs TLS", "9110 7.4", ["GET https://b/ HTTP/1.1"] + host, .refuses(.misdirected)),
        HeadCase(
            "CONNECT asks for host and port", "9112 3.2.3", ["CONNECT b:443 HTTP/1.1", "Host: b:443"],
            .reads("CONNECT b:443 b:443 none")),
        HeadCase(
            "its host may be an address", "9112 3.2.3", ["CONNECT [::1]:443 HTTP/1.1"] + host,
            .reads("CONNECT [::1]:443 a none")),
        HeadCase(
            "its port is not left out", "9110 9.3.6", ["CONNECT b HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase("nor empty", "9110 9.3.6", ["CONNECT b: HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "nor none that there is", "9110 9.3.6", ["CONNECT b:65536 HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "CONNECT asks for no path", "9112 3.2.3", ["CONNECT /b HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "nor for a URI", "9112 3.2.3", ["CONNECT http://b:80/ HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "GET does not ask for host and port", "9112 3.2.3", ["GET b:443 HTTP/1.1"] + host,
            .refuses(.malformedStartLine)),
        HeadCase(
            "OPTIONS may ask for all", "9112 3.2.4", ["OPTIONS * HTTP/1.1"] + host, .reads("OPTIONS * a none")
        ),
        HeadCase("GET may not", "9112 3.2.4", ["GET * HTTP/1.1"] + host, .refuses(.malformedStartLine)),
        HeadCase(
            "all is one star", "9112 3.2.4", ["OPTIONS *a HTTP/1.1"] + host, .refuses(.malformedStartLine)),
    ]

    private static func get(_ hosts: String...) -> [String] {
        ["GET / HTTP/1.1"] + hosts.map { "Host: " + $0 }
    }

    private static let hosts: [HeadCase] = [
        HeadCase("HTTP/1.1 needs a Host", "9112 3.2", get(), .refuses(.missingHost)),
        HeadCase("one Host, even if they agree", "9112 3.2", get("a", "a"), .refuses(.duplicateHost)),
        HeadCase(
            "one in HTTP/1.0 too", "9112 3.2", ["GET / HTTP/1.0", "Host: a", "host: a"],
            .refuses(.duplicateHost)),
        HeadCase("no list of hosts", "9110 7.2", get("a, b"), .refuses(.malformedHeader)),
        HeadCase("an empty Host is one", "9112 3.2", get(""), .reads("GET /  none")),
        HeadCase("its name has no case", "9110 5.1", ["GET / HTTP/1.1", "hOsT: a"], .reads("GET / a none")),
        HeadCase("a Host has a port", "9110 7.2", get("a:8080"), .reads("GET / a:8080 none")),
        HeadCase("the port may be empty", "3986 3.2.3", get("a:"), .reads("GET / a: none")),
        HeadCase("a port has digits", "3986 3.2.3", get("a:b"), .refuses(.malformedHeader)),
        HeadCase("there is one port", "9110 7.2", get("a:1:2"), .refuses(.malformedHeader)),
        HeadCase("names have underscores", "3986 3.2.2", get("a_b-c.d~e"), .reads("GET / a_b-c.d~e none")),
        HeadCase(
            "and octets in percents", "3986 3.2.2", get("a%2Db%c3%a9"), .reads("GET / a%2Db%c3%a9 none")),
        HeadCase("which have two digits", "3986 2.1", get("a%2"), .refuses(.malformedHeader)),
        HeadCase("of sixteen", "3986 2.1", get("%zz"), .refuses(.malformedHeader)),
        HeadCase("a Host has no path", "9110 7.2", get("a/b"), .refuses(.malformedHeader)),
        HeadCase("nor a user", "9110 7.2", get("u@a"), .refuses(.malformedHeader)),
        HeadCase("nor a space", "9110 7.2", get("a b"), .refuses(.malformedHeader)),
        HeadCase("nor a scheme", "9110 7.2", get("http://a"), .refuses(.malformedHeader)),
        HeadCase("nor octets above ASCII", "3986 3.2.2", get("é"), .refuses(.malformedHeader)),
        HeadCase(
            "an address of version 4 is a name", "3986 3.2.2", get("192.0.2.1:80"),
            .reads("GET / 192.0.2.1:80 none")),
        HeadCase(
            "one of version 6 has brackets", "3986 3.2.2", get("[2001:db8::1]:80"),
            .reads("GET / [2001:db8::1]:80 none")),
        HeadCase("and must have them", "3986 3.2.2", get("2001:db8::1"), .refuses(.malformedHeader)),
        HeadCase("both of them", "3986 3.2.2", get("[::1"), .refuses(.malformedHeader)),
        HeadCase("with an address inside", "3986 3.2.2", get("[a]"), .refuses(.malformedHeader)),
        HeadCase("of version 6", "3986 3.2.2", get("[192.0.2.1]"), .refuses(.malformedHeader)),
        HeadCase("and only a port behind", "3986 3.2.2", get("[::1]a"), .refuses(.malformedHeader)),
    ]
}
