import ArgumentParser
import CampaignFile
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictSet: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set an entry; in effect on every edge when it returns.",
        discussion:
            "Without a value it is read from standard input: a secret does not stand on a command line.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "The key, exactly as the VCL looks it up.") var key: String
    @Argument(help: "The value; without one, standard input is it.") var value: String?
    @OptionGroup var expectation: Expectation
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    private static let attached = "value"

    func attachments() throws -> [String: Data] {
        guard value == nil else { return [:] }
        if isatty(STDIN_FILENO) == 1 {
            guard let typed = getpass("the value (it is not shown): ") else { return [:] }
            return [DictSet.attached: Data(String(cString: typed).utf8)]
        }
        return [DictSet.attached: FileHandle.standardInput.readDataToEndOfFile()]
    }

    private func wanted(_ context: CommandContext) throws -> String {
        let dict = dict
        let declared = try context.control.store.read { try Dictionaries.declaration(of: dict, in: $0) }
        if let value {
            guard declared.kind != .secrets else {
                throw Failure(
                    .usage, "a secret does not stand on a command line, where others can read it",
                    hint: "leave it out: hq dict set \(dict) \(key) reads it from standard input")
            }
            return value
        }
        guard let data = context.attachments[DictSet.attached] else {
            throw Failure(.usage, "there is no value", hint: "hq dict set \(dict) \(key) VALUE")
        }
        let text = String(decoding: data, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let seal = context.control.seal
        let (dict, key, expected) = (dict, key, expectation.value)
        try await context.control.require(.editor, context.actor)
        let value = try wanted(context)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planSet(dict, key, value, expected: expected, seal: seal, in: $0)
        }
        return Report(result)
    }
}
