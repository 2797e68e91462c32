import CampaignFile
package import Diagnostics
package import Foundation
import Kernel
package import VCLRuntime

/// A campaign's VCL program as its folder has it, for commands that look at it without a control plane.
package struct CampaignProgram {
    package let main: SourceFile
    package let model: ServiceModel
    /// What each dictionary begins with, by its name.
    package let dictionaries: [String: [String: String]]

    /// Throws `Failure` with the campaign file's own mistakes; those of the VCL are left to who compiles it.
    package init(folder: URL) throws {
        let files = CampaignFiles.read(folder: folder)
        guard let text = files[CampaignReading.fileName] else {
            throw Failure(.notFound, "there is no \(CampaignReading.fileName) in '\(folder.path)'")
        }
        let reading = CampaignReading(text: text) { path in
            files[path] != nil
                || FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
        }
        guard let campaign = reading.campaign else {
            throw Failure(
                .invalid, "the campaign file has mistakes\n" + reading.placed.rendered(), hint: "hq check")
        }
        let name = campaign.vcl ?? "default.vcl"
        if let path = campaign.vcl, files[path] == nil {
            throw Failure(.notFound, "the program '\(path)' cannot be read")
        }
        main = SourceFile(name: name, text: campaign.vcl.flatMap { files[$0] } ?? DefaultVCL.states)
        model = CampaignFiles.model(campaign, files, origin: HostPort(host: "127.0.0.1", port: 8091))
        dictionaries = Dictionary(uniqueKeysWithValues: campaign.dictionaries.map { ($0.name, $0.first) })
    }
}
