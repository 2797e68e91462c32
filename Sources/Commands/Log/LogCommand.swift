import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The ledger: who changed what, when, and why.",
        subcommands: [LogShow.self, LogVerify.self],
        defaultSubcommand: LogShow.self)
}
