import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Store

struct DictChange: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change several entries, of any dictionaries, as one change.",
        discussion: """
            All of it goes live together or not at all, and one undo takes all of it back. Entries come from options, a file, or \
            both; the file is JSON, an object of dictionaries with their entries, null for one that goes:
            {"edge_settings": {"donate_banner": "off"}, "redirects": {"/live": "https://...", "/old": null}}
            """)
    @Argument(help: "A file, or - for standard input.", completion: .file()) var file: String?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Set an entry; again for more.", valueName: "dict:key=value")) var set: [String] =
            []
    @Option(
        name: .customLong("unset"), parsing: .singleValue,
        help: ArgumentHelp("Remove an entry; again for more.", valueName: "dict:key")) var unset: [String] =
            []
    @OptionGroup var seen: Seen
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] { try file.map { try EntryFile.attachment($0) } ?? [:] }

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.require(.editor, context.actor)
        var wishes: [Wish] = []
        if let file {
            guard let data = context.attachments[file] else {
                throw Failure(.usage, "the file '\(file)' was not sent along")
            }
            wishes = try EntryText.wishes(data)
        }
        let typed = try set.map { try DictChange.wish($0, isSet: true) }
        try requireNoSecret(typed, context)
        wishes += typed
        wishes += try unset.map { try DictChange.wish($0, isSet: false) }
        guard !wishes.isEmpty else {
            throw Failure(
                .usage, "there is nothing to change",
                hint: "hq dict change --set redirects:/live=https://... --unset vanity:/old")
        }
        let (seal, since) = (context.control.seal, seen.since)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) { [wishes] transaction in
            let change = try Dictionaries.planChangeSet(wishes, seal: seal, in: transaction)
            try Control.requireUntouched(change, since: since, in: transaction)
            return change
        }
        return Report(result)
    }

    private func requireNoSecret(_ typed: [Wish], _ context: CommandContext) throws {
        let kinds = try context.control.store.read { try Dictionaries.list(in: $0) }
        let secret = typed.first { wish in
            kinds.contains { $0.name == wish.dictionary && $0.kind == .secrets }
        }
        guard let secret else { return }
        throw Failure(
            .usage, "a secret does not stand on a command line, where others can read it",
            hint:
                "put it into a file, or: hq dict set \(secret.dictionary) \(secret.key) reads it from standard input"
        )
    }

    /// `redirects:/live=https://...`. A key with `=` in it goes into a file.
    static func wish(_ text: String, isSet: Bool) throws -> Wish {
        let shape = isSet ? "dict:key=value" : "dict:key"
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw Failure(.usage, "'\(text)' is not \(shape)", hint: "such as redirects:/live=https://...")
        }
        let dictionary = String(text[..<colon])
        let rest = text[text.index(after: colon)...]
        guard isSet else { return Wish(dictionary, String(rest), nil) }
        guard let equals = rest.firstIndex(of: "="), equals != rest.startIndex else {
            throw Failure(.usage, "'\(text)' is not \(shape)", hint: "such as redirects:/live=https://...")
        }
        return Wish(dictionary, String(rest[..<equals]), String(rest[rest.index(after: equals)...]))
    }
}
