import ArgumentParser

struct VCLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vcl", abstract: "Check, test and run VCL programs.",
        subcommands: [
            VCLLintCommand.self, VCLFmt.self, VCLTest.self, VCLSimulate.self, VCLEval.self, VCLCi.self,
            VCLDeploy.self,
            VCLVersions.self, VCLDiff.self, VCLExport.self, VCLLsp.self,
        ])
}
