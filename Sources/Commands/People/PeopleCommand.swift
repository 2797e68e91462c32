import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Who may do what.",
        subcommands: [
            PeopleList.self, PeopleInvite.self, PeopleRemove.self, PeopleSessions.self, PeopleLogout.self,
            PeopleResetFactor.self,
        ])
}
