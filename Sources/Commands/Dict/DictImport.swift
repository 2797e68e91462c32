import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictImport: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import entries as one change.",
        discussion:
            "Reads a JSON object or lines of 'key,value' (CSV, quotes as in RFC 4180) from a file, or from standard input for '-'."
    )
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "A file, or - for standard input.", completion: .file()) var file: String
    @Flag(help: "Remove entries that the file lacks.") var replace = false
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] { try EntryFile.attachment(file) }

    func execute(_ context: CommandContext) async throws -> Report {
        guard let data = context.attachments[file] else {
            throw Failure(.usage, "the file '\(file)' was not sent along")
        }
        let wanted = try EntryText.parse(data)
        let seal = context.control.seal
        let (dict, replace) = (dict, replace)
        let result = try await context.control.carryOut(
            time.apply(to: change.request(context)), needs: .editor
        ) {
            try Dictionaries.planImport(dict, wanted, replace: replace, seal: seal, in: $0)
        }
        return Report(result)
    }
}
