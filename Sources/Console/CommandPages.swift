import Foundation
import HTTPKit
import Journey
import Kernel
import People

/// Every command of the control plane as a form, made from its own declaration.
extension Console {
    private struct ListPage {
        struct Row {
            let path: String
            let words: String
            let about: String
        }
        let commands: [Row]
    }

    private struct CommandPage {
        struct Choice {
            let name: String
            let isChosen: Bool
        }
        struct Field {
            let name: String
            let help: String
            let value: String
            let `default`: String
            let isRequired: Bool
            let isFlag: Bool
            let isOn: Bool
            let isChoice: Bool
            let isText: Bool
            let isLong: Bool
            let choices: [Choice]
        }
        let path: String
        let words: String
        let about: String
        let form: String
        let report: ReportView?
        let parameters: [Field]
    }

    func commands(_ visit: Visit) async throws -> HTTPResponse {
        let all = source.registry.commands
        guard visit.path.count > 1 else {
            let page = ListPage(
                commands: all.map {
                    .init(
                        path: $0.path.joined(separator: "/"), words: $0.path.joined(separator: " "),
                        about: $0.about)
                })
            return try await layout(
                "Commands", Templates.render("commands", page), session: visit.session, command: "hq help")
        }
        guard let command = all.first(where: { $0.path == Array(visit.path.dropFirst()) }) else {
            throw Failure(.notFound, "there is no command '\(visit.path.dropFirst().joined(separator: " "))'")
        }
        var report: Report?
        if visit.request.method == "POST" {
            var values = visit.form.filter { $0.key != "form" }
            values = values.mapValues { $0.filter { !$0.isEmpty } }.filter { !$0.value.isEmpty }
            do {
                report = await source.registry.execute(try command.call(values), as: visit.actor)
            } catch let failure as Failure {
                report = Report(failure.message, outcome: .usage, hint: failure.hint)
            }
        }
        let page = CommandPage(
            path: command.path.joined(separator: "/"), words: command.path.joined(separator: " "),
            about: command.about, form: visit.session.formToken, report: report.map { ReportView($0) },
            parameters: command.parameters.map { Console.field($0, visit) })
        return try await layout(
            "hq " + page.words, Templates.render("command", page), session: visit.session,
            command: "hq \(page.words) --help")
    }

    private static func field(_ parameter: CommandDescription.Parameter, _ visit: Visit) -> CommandPage.Field
    {
        let isFlag = parameter.kind == .flag
        let isChoice = !isFlag && !parameter.choices.isEmpty
        let given = visit.field(parameter.name)
        return CommandPage.Field(
            name: parameter.name, help: parameter.help, value: given, default: parameter.defaultValue ?? "",
            isRequired: parameter.isRequired, isFlag: isFlag, isOn: given == "true", isChoice: isChoice,
            isText: !isFlag && !isChoice && !parameter.isFile, isLong: parameter.isFile,
            choices: parameter.choices.map {
                .init(name: $0, isChosen: $0 == (given.isEmpty ? parameter.defaultValue : given))
            })
    }
}

/// A report as HTML.
struct ReportView {
    struct Row { let cells: [String] }

    let tone: String
    let headline: String
    let fields: [Report.Field]
    let notes: [String]
    let hint: String?
    let hasRows: Bool
    let columns: [String]
    let rows: [Row]

    init(_ report: Report) {
        tone = report.outcome == .done ? "good" : "bad"
        headline = report.headline.sentence
        fields = report.fields
        notes = report.notes
        hint = report.hint
        columns = report.table?.columns ?? []
        rows = (report.table?.rows ?? []).map { Row(cells: $0) }
        hasRows = !rows.isEmpty
    }
}
