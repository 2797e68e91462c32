import Kernel
import Testing

@testable import EdgeRecords

@Suite struct LogPlaceTests {
    @Test(arguments: [
        ("stdout", LogPlace.Destination.stdout), ("-", .stdout), ("/var/log/a.log", .file("/var/log/a.log")),
        ("file:logs/a.log", .file("logs/a.log")), ("a.log", .file("a.log")),
        ("syslog+udp://10.0.0.1:5514", .syslog(.udp(HostPort(host: "10.0.0.1", port: 5514)))),
        ("syslog+udp://loghost", .syslog(.udp(HostPort(host: "loghost", port: 514)))),
        ("syslog+tcp://loghost", .syslog(.tcp(HostPort(host: "loghost", port: 601)))),
        ("syslog+unix:/dev/log", .syslog(.socket("/dev/log"))),
        ("https://l.example/in?a", .http("https://l.example/in?a")),
    ])
    func readsAPlace(text: String, destination: LogPlace.Destination) throws {
        let place = try LogPlace(text)
        #expect(place.destination == destination && place.format == .json && place.clients == .full)
    }

    @Test func readsOptions() throws {
        let place = try LogPlace("https://l.example/,format=combined,clients=network,authorization=/etc/key")
        #expect(
            place.format == .combined && place.clients == .network && place.authorizationFile == "/etc/key")
    }

    @Test(arguments: [
        ("", "no place"), ("ftp://x", "no place"), ("syslog://x", "no place"), ("logs/", "no place"),
        ("a,format=xml", "no format 'xml'"), ("a,clients=some", "no clients 'some'"),
        ("a,b", "no option 'b'"),
        ("a,", "no option"), ("a,authorization=k", "belongs to http"), ("syslog+udp://a b:x:y", "no address"),
    ])
    func refuses(text: String, part: String) {
        let failure = #expect(throws: Failure.self) { try LogPlace(text) }
        #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
    }

    /// A URL's user, password and query may be secrets; what is said of it leaves them out.
    @Test func saysNoSecret() throws {
        #expect(try LogPlace("https://user:pw@l.example:8/in?key=k").description == "https://l.example:8/in")
        #expect(try LogPlace("http://l.example/a@b").description == "http://l.example/a@b")
        #expect(try LogPlace("syslog+udp://loghost").description == "syslog+udp://loghost:514")
    }
}
