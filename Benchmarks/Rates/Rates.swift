import Diagnostics
import Foundation
import VCL
import VCLLint
import VCLRuntime

/// How fast programs are read, checked and judged, without the start of a process around it: `vcl-rates FILE SECONDS` prints a
/// line for each kind of work, its name and lines of VCL a second, of a program that is taken from its text anew each time and
/// thrown away again.
@main
enum Rates {
    static let kinds: [(name: String, work: @Sendable (SourceFile) -> Int)] = [
        ("parse", { Parser.parse($0, file: 0).tree.declarations.count }),
        ("parse and check", { Compiler().compile($0) == nil ? 0 : 1 }),
        ("parse, check and lint", { Linter.lint(main: $0).findings.count }),
    ]

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let seconds = Double(arguments[2]),
            let text = FileManager.default.contents(atPath: arguments[1])
        else {
            FileHandle.standardError.write(Data("usage: vcl-rates FILE SECONDS\n".utf8))
            exit(2)
        }
        let bytes = Array(text)
        let lines = bytes.count { $0 == UInt8(ascii: "\n") }
        for kind in kinds {
            guard kind.work(SourceFile(name: arguments[1], bytes: bytes)) > 0 else {
                FileHandle.standardError.write(Data("'\(kind.name)' found nothing to do\n".utf8))
                exit(1)
            }
            var rounds = 0
            let began = ContinuousClock.now
            let wanted = Duration.seconds(seconds)
            while began.duration(to: .now) < wanted {
                _ = kind.work(SourceFile(name: arguments[1], bytes: bytes))
                rounds += 1
            }
            let took = began.duration(to: .now) / .seconds(1)
            print("\(kind.name)\t\(Int(Double(rounds * lines) / took))")
        }
    }
}
