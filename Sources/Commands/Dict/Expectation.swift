import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

/// What an entry must be for a change to be made, so that nobody overwrites what they have not seen.
struct Expectation: ParsableArguments {
    @Option(help: ArgumentHelp("Only if the entry is this now.", valueName: "value")) var expect: String?
    @Flag(help: "Only if the entry is not there now.") var expectNone = false

    init() {}

    var value: String? { expectNone ? "" : expect }
}

/// Up to where somebody saw what they change.
struct Seen: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only if nothing of it was changed after this entry of the log.", valueName: "entry"))
    var since: Int64?

    init() {}
}
