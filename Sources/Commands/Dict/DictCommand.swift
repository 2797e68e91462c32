import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dict", abstract: "Dictionaries: what staff may change while the edge runs.",
        subcommands: [
            DictList.self, DictShow.self, DictSet.self, DictUnset.self, DictChange.self, DictImport.self,
            DictExport.self, DictHistory.self,
        ])
}
