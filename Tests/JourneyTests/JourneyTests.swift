import Testing

@testable import Journey

@Suite struct ReportTests {
    let report = Report(
        "2 entries", fields: [.init("who", "ann")],
        table: .init(columns: ["key", "value"], rows: [["/a", "1"], ["/long", "2"]]),
        notes: ["careful"], hint: "hq undo 4", data: .object(["entries": .array([.integer(1)])]))

    @Test func rendersAsText() {
        #expect(
            report.text(colour: false) == """
                2 entries
                  who  ann
                  key    value
                  /a     1
                  /long  2
                ! careful
                -> hq undo 4

                """)
    }

    @Test func rendersAsOneDocument() {
        #expect(
            report.json.text
                == #"{"entries":[1],"headline":"2 entries","hint":"hq undo 4","notes":["careful"],"outcome":"done"}"#
        )
    }
}

@Suite struct ChangeTests {
    @Test func inverseTakesBackInReverseOrder() {
        let change = Change(
            summary: "",
            edits: [Edit("a", ["1"], before: nil, after: "x"), Edit("a", ["1"], before: "x", after: "y")])
        #expect(
            change.inverse == [
                Edit("a", ["1"], before: "y", after: "x"), Edit("a", ["1"], before: "x", after: nil),
            ])
    }

    @Test func rolesAreOrdered() {
        #expect(Role.viewer < .editor && Role.operator < .admin)
    }
}
