import ControlPlane
import Diagnostics
import Foundation
import Kernel
import VCLRuntime

/// A VCL program as it lies on disk, with what belongs to it: the service model, included files, tests.
struct VCLProject {
    let main: SourceFile
    let model: ServiceModel
    /// Folders in which tests and included files are looked for.
    let folders: [URL]

    /// Bytes of one file; a program larger than this is a mistake.
    static let fileBytes = 16 * 1024 * 1024

    init(_ path: String, include: [String]) throws {
        let place = URL(fileURLWithPath: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.usage, "there is no '\(path)'", hint: "name a VCL file or a folder with one")
        }
        for folder in include where !FileManager.default.fileExists(atPath: folder) {
            throw Failure(.usage, "there is no folder '\(folder)' to include from")
        }
        let more = include.map { URL(fileURLWithPath: $0) }
        if let campaign = try VCLProject.campaign(of: place, isFolder: isFolder.boolValue) {
            main = campaign.main
            model = campaign.model
            folders = [campaign.folder] + more
            return
        }
        let file = try isFolder.boolValue ? VCLProject.mainFile(in: path) : path
        main = try VCLProject.read(file)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        folders = [folder] + more
        let places = [VCLProject.prefix(of: file)] + include.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        var model = ServiceModel()
        model.readInclude = { name in
            for place in places {
                for ending in ["", ".vcl"] {
                    if let found = try? VCLProject.read(place + name + ending) { return found }
                }
            }
            return nil
        }
        self.model = model
    }

    private static func prefix(of file: String) -> String {
        file.contains("/") ? String(file[...file.lastIndex(of: "/")!]) : ""
    }

    private static func mainFile(in folder: String) throws -> String {
        let prefix = folder == "." ? "" : folder.hasSuffix("/") ? folder : folder + "/"
        for name in ["main.vcl", "default.vcl"] where FileManager.default.fileExists(atPath: prefix + name) {
            return prefix + name
        }
        throw Failure(
            .usage, "the folder '\(folder)' holds no campaign.yaml, main.vcl or default.vcl",
            hint: "name the VCL file")
    }

    private struct OfCampaign {
        let main: SourceFile
        let model: ServiceModel
        let folder: URL
    }

    /// The campaign whose folder this is, or whose program this file is.
    private static func campaign(of place: URL, isFolder: Bool) throws -> OfCampaign? {
        var folder = isFolder ? place : place.deletingLastPathComponent()
        for _ in 0..<8 {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("campaign.yaml").path) {
                let found = try CampaignProgram(folder: folder)
                let file = folder.appendingPathComponent(found.main.name)
                guard isFolder || file.standardizedFileURL == place.standardizedFileURL else { return nil }
                return OfCampaign(
                    main: found.main, model: found.model, folder: file.deletingLastPathComponent())
            }
            guard !isFolder, folder.path != "/" else { return nil }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }

    static func read(_ path: String) throws -> SourceFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "cannot read '\(path)'")
        }
        guard data.count <= fileBytes else {
            throw Failure(.invalid, "'\(path)' has more than \(ByteCount(fileBytes))")
        }
        return SourceFile(name: path, bytes: Array(data))
    }

    // MARK: tests

    /// Every file below the folders whose name ends so, each once, in order.
    func files(ending: String) throws -> [SourceFile] {
        var seen: Set<String> = []
        return try folders.flatMap { folder in
            VCLProject.names(below: folder, ending: ending).map { folder.appendingPathComponent($0).path }
        }.filter { seen.insert($0).inserted }.map { path in
            let file = try VCLProject.read(path)
            return SourceFile(name: VCLProject.shown(path), bytes: file.bytes)
        }
    }

    private static let skipped: Set<String> = [".git", ".hq", ".build", "node_modules"]

    private static func names(below folder: URL, ending: String) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        var names: [String] = []
        for case let name as String in walker {
            if skipped.contains(URL(fileURLWithPath: name).lastPathComponent) { walker.skipDescendants() }
            if name.hasSuffix(ending) { names.append(name) }
        }
        return names.sorted()
    }

    /// A path as people here would type it.
    static func shown(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
