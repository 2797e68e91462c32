import Foundation
import Testing

@testable import Journey

@Suite struct LocalTimeTests {
    let local = LocalTime(TimeZone(identifier: "America/New_York")!)
    /// Mon 26 Sep 2016 20:00 EDT
    let now: Int64 = 1_474_934_400_000

    @Test(arguments: [
        ("21:00", "Mon 26 Sep 2016 21:00 EDT"), ("19:30", "Tue 27 Sep 2016 19:30 EDT"),
        ("2016-11-08 06:00", "Tue 8 Nov 2016 06:00 EST"), ("2016-11-08T06:00", "Tue 8 Nov 2016 06:00 EST"),
        ("2016-09-27T01:00:00Z", "Mon 26 Sep 2016 21:00 EDT"),
        ("2016-09-26T21:00-04:00", "Mon 26 Sep 2016 21:00 EDT"), ("30m", "Mon 26 Sep 2016 20:30 EDT"),
    ])
    func reads(text: String, meant: String) throws {
        let found = try #require(local.parse(text, now: now))
        #expect(local.text(local.date(found)) == meant)
    }

    /// 2:30 on the night when the clocks go forward does not exist.
    @Test(arguments: ["", "noon", "24:00", "9", "2016-02-30 10:00", "2016-03-13 02:30"])
    func refuses(text: String) { #expect(local.parse(text, now: now) == nil) }

    @Test func makesArgvOfNamedValues() throws {
        func parameter(_ name: String, _ kind: CommandDescription.Parameter.Kind, required: Bool = false)
            -> CommandDescription.Parameter
        {
            .init(
                name: name, kind: kind, help: "", isRequired: required, isRepeating: false, choices: [],
                defaultValue: nil, isFile: false)
        }
        let command = CommandDescription(
            path: ["dict", "set"], about: "", isReading: false,
            parameters: [
                parameter("key", .positional, required: true),
                parameter("value", .positional, required: true),
                parameter("because", .option), parameter("dry-run", .flag),
            ])
        let argv = try command.argv([
            "value": ["--evil"], "key": ["/a"], "because": ["so = it is"], "dry-run": ["true"],
        ])
        #expect(argv == ["dict", "set", "--because=so = it is", "--dry-run", "--", "/a", "--evil"])
        #expect(throws: (any Error).self) { try command.argv(["key": ["/a"]]) }
        #expect(throws: (any Error).self) { try command.argv(["key": ["/a"], "valeu": ["x"]]) }
    }
}
