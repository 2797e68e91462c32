import ArgumentParser
import Kernel

/// Which program a VCL command is about.
struct VCLProgramOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The program: a VCL file, or a folder with a campaign.yaml or a main.vcl. Without it, this folder.",
            valueName: "program"),
        completion: .file(extensions: ["vcl", "yaml", "json"]))
    var program: String?

    @Option(
        name: [.customShort("I"), .long],
        help: ArgumentHelp("Also look here for included files and tests.", valueName: "folder"),
        completion: .directory)
    var include: [String] = []

    func load() throws -> VCLProject { try VCLProject(program ?? ".", include: include) }
}
