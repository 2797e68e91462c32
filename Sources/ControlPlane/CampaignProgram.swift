import CampaignFile
package import Diagnostics
package import Foundation
import Kernel
package import VCLPipeline
package import VCLRuntime
import VCLTesting

/// A campaign's VCL program as its folder has it, for commands that look at it without a control plane.
package struct CampaignProgram {
    package let main: SourceFile
    package let model: ServiceModel
    /// What each dictionary begins with, by its name.
    package internal(set) var dictionaries: [String: [String: String]]
    /// Percent of its statements that its tests must reach; nil for no floor.
    package let floor: Double?
    package let tests: [SourceFile]
    /// Host names of the sites.
    package let hosts: [String]
    let programFiles: [SourceFile]

    /// Throws `Failure` with the campaign file's own mistakes; those of the VCL are left to who compiles it.
    package init(folder: URL) throws {
        try self.init(CampaignFiles.read(folder: folder)) { path in
            FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
        }
    }

    /// The same of files by their names.
    init(_ files: [String: String], exists: (String) -> Bool) throws {
        guard let text = files[CampaignReading.fileName] else {
            throw Failure(.notFound, "there is no \(CampaignReading.fileName)")
        }
        let reading = CampaignReading(text: text) { files[$0] != nil || exists($0) }
        guard let campaign = reading.campaign else {
            throw Failure(
                .invalid, "the campaign file has mistakes\n" + reading.placed.rendered(), hint: "hq check")
        }
        if let path = campaign.vcl, files[path] == nil {
            throw Failure(.notFound, "the program '\(path)' cannot be read")
        }
        self.init(campaign, files, origin: HostPort(host: "127.0.0.1", port: 8092))
    }

    init(_ campaign: Campaign, _ files: [String: String], origin: HostPort) {
        main = SourceFile(
            name: campaign.vcl ?? "default.vcl",
            text: campaign.vcl.flatMap { files[$0] } ?? DefaultVCL.states)
        model = CampaignFiles.model(campaign, files, origin: origin)
        dictionaries = Dictionary(uniqueKeysWithValues: campaign.dictionaries.map { ($0.name, $0.first) })
        floor = campaign.coverageFloor
        hosts = campaign.sites.flatMap(\.domains)
        let sources = files.sorted { $0.key < $1.key }.map { SourceFile(name: $0.key, text: $0.value) }
        tests = sources.filter { file in TestRunner.endings.contains { file.name.hasSuffix($0) } }
        programFiles = sources.filter { $0.name.hasSuffix(".vcl") && !$0.name.hasSuffix(".test.vcl") }
    }

    /// What the pipeline looks at.
    package var candidate: Candidate {
        var candidate = Candidate(main: main, model: model, dictionaries: dictionaries)
        candidate.tests = tests
        candidate.files = programFiles
        return candidate
    }
}
