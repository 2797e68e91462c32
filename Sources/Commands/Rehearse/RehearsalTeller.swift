import Foundation
import HTTPKit
import Journey
import Kernel
import Rehearsal

/// Tells the campaign's control plane how a rehearsal goes, for the console, beside the load and never in its way: of what
/// cannot be sent at once the latest alone waits. A control plane that does not answer costs nothing but its page.
final class RehearsalTeller: Sendable {
    /// How long one account may take, and the last one with its repetitions.
    private static let patience: Duration = .seconds(3)
    private static let tries = 3

    private let client: HTTPClientKit
    private let id: String
    private let began: Int64
    private let length: Double
    private let accounts: AsyncStream<RehearsalAccount>.Continuation
    /// Whether anybody heard anything, or why nobody wants to.
    private let sending: Task<Answer, Never>

    /// Nil when there is nobody to tell: no campaign here, or one that never ran. Throws when `directory` was asked for by name.
    static func find(_ directory: String?, length: Double) throws -> RehearsalTeller? {
        do {
            return RehearsalTeller(try ControlFinder.find(directory), length: length)
        } catch {
            if directory != nil { throw error }
            return nil
        }
    }

    init(_ client: HTTPClientKit, length: Double) {
        self.client = client
        self.length = length
        began = Date().milliseconds
        var random = SystemRandomNumberGenerator()
        id = String(
            (0..<32).map { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)! })
        let (stream, continuation) = AsyncStream.makeStream(
            of: RehearsalAccount.self, bufferingPolicy: .bufferingNewest(1))
        accounts = continuation
        sending = Task {
            var best = Answer.silent
            for await account in stream {
                switch await RehearsalTeller.send(account, to: client) {
                case .heard: best = .heard
                case .silent: break
                case .refused(let why):
                    if case .silent = best { best = .refused(why) }
                }
            }
            return best
        }
    }

    /// After each second.
    func tell(_ report: RehearsalReport) {
        if let account = report.account(id: id, began: began, length: length) { accounts.yield(account) }
    }

    /// The last word, which is kept. Says so when a control plane that is there does not take it.
    func end(_ report: RehearsalReport) async {
        accounts.finish()
        var why: String
        switch await sending.value {
        case .silent: return
        case .heard: why = "it does not answer"
        case .refused(let reason): why = reason
        }
        guard
            let account = report.account(
                id: id, began: began, length: length, ended: Date().milliseconds)
        else { return }
        for _ in 0..<RehearsalTeller.tries {
            switch await RehearsalTeller.send(account, to: client) {
            case .heard: return
            case .silent: try? await Task.sleep(for: .milliseconds(200))
            case .refused(let reason): why = reason
            }
        }
        Terminal.complain("hq: the console does not have this rehearsal: \(why)\n")
    }

    private enum Answer {
        case heard
        case silent
        case refused(String)
    }

    private static func send(_ account: RehearsalAccount, to client: HTTPClientKit) async -> Answer {
        guard let body = try? JSON.text(of: account),
            let answer = try? await client.send("POST", "/v1/rehearsals", body: body, timeout: patience)
        else { return .silent }
        if answer.status == 204 { return .heard }
        let report = try? JSONDecoder().decode(Report.self, from: answer.body)
        return .refused(report?.headline ?? "the control plane answered \(answer.status)")
    }
}
