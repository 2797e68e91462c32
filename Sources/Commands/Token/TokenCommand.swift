import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens, by which programs act for a person.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
