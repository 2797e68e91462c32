import Foundation
import Testing

@testable import Journey

@Suite struct EditLinesTests {
    private let zone = TimeZone(identifier: "America/New_York")!

    @Test func showsAnEntryAsItIs() {
        let edit = Edit("dict.entry", ["redirects", "/a"], before: nil, after: "/b")
        #expect(EditLines.rows(edit, zone: zone) == [["redirects /a", "-", "/b"]])
    }

    @Test func showsTheLinesOfATextThatDiffer() {
        let edit = Edit("campaign.file", ["campaign.yaml"], before: "a\nb\nc\n", after: "a\nx\nc\n")
        #expect(
            EditLines.rows(edit, zone: zone) == [
                ["campaign.yaml:2", "b", ""], ["campaign.yaml:2", "", "x"],
            ])
    }

    @Test func showsAScheduleByItsTime() throws {
        let change = Change(summary: "redirects: /a -> /b", edits: [])
        let item = ScheduledChange(
            id: "7", at: 1_474_938_000_000, change: change, person: "edie", needs: .editor, argv: [],
            because: nil,
            overrides: [], until: nil, undoes: nil)
        let text = String(decoding: try JSON.text(of: item), as: UTF8.self)
        let rows = EditLines.rows(Edit("schedule.item", ["7"], before: nil, after: text), zone: zone)
        #expect(rows == [["schedule 7", "-", "at Mon 26 Sep 2016 21:00 EDT: redirects: /a -> /b"]])
    }
}
