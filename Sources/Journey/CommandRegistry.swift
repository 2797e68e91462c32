package import Foundation

/// A command as a door sends it. Files and standard input were read by the door.
package struct CommandCall: Sendable, Codable {
    package var argv: [String]
    package var attachments: [String: Data]?

    package init(argv: [String], attachments: [String: Data]? = nil) {
        self.argv = argv
        self.attachments = attachments
    }
}

/// All commands that the control plane carries out. The program hands it to the planes, which know no command by name.
package protocol CommandRegistry: Sendable {
    func execute(_ call: CommandCall, as actor: Actor) async -> Report
}
