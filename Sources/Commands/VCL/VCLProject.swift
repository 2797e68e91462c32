import ControlPlane
import Diagnostics
import Foundation
import Kernel
import VCLPipeline
import VCLRuntime
import VCLService
import VCLTesting

/// A VCL program as it lies on disk, with what belongs to it: the service model, included files, tests.
struct VCLProject {
    let main: SourceFile
    let model: ServiceModel
    /// What dictionaries hold, by their names.
    let dictionaries: [String: [String: String]]
    /// The floor of coverage that the campaign file sets.
    let floor: Double?
    /// References of the service to what it does not have; those objects are left out.
    var problems: [String] = []
    /// What a falco user's settings beside the program say.
    var falco = FalcoConfiguration()
    /// Host names under which the campaign's sites are known.
    var hosts: [String] = []
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
            (main, model) = (campaign.program.main, campaign.program.model)
            (dictionaries, floor) = (campaign.program.dictionaries, campaign.program.floor)
            folders = [campaign.folder] + more
            hosts = campaign.program.hosts
            return
        }
        (dictionaries, floor) = ([:], nil)
        if let service = try VCLProject.service(path, isFolder: isFolder.boolValue) {
            (main, model) = (service.main, service.partialModel())
            problems = service.problems.map(\.message)
            folders = [isFolder.boolValue ? place : place.deletingLastPathComponent()] + more
            return
        }
        let file = try isFolder.boolValue ? VCLProject.mainFile(in: path) : path
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        falco = try VCLProject.falcoSettings(in: folder)
        let known = falco.includePaths.filter { FileManager.default.fileExists(atPath: $0) }
        folders = [folder] + (include + known).map { URL(fileURLWithPath: $0) }
        let source = try VCLProject.read(file)
        if BareSnippet.isBare(source) {
            (main, model) = BareSnippet.program(source, BareSnippet.kind(of: source))
            return
        }
        main = source
        var model = ServiceModel()
        model.isPartial = true
        let places =
            [VCLProject.prefix(of: file)] + (include + known).map { $0.hasSuffix("/") ? $0 : $0 + "/" }
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
        let program: CampaignProgram
        let folder: URL
    }

    /// A Fastly service: a Terraform plan or the API's JSON, or a folder with snippets, dictionaries, ACLs or a service.json.
    private static func service(_ path: String, isFolder: Bool) throws -> FastlyService? {
        guard isFolder else {
            guard path.hasSuffix(".json") else { return nil }
            let bytes = try read(path).bytes
            let isPlan = ["\"planned_values\"", "\"root_module\""].contains {
                String(decoding: bytes, as: UTF8.self).contains($0)
            }
            guard isPlan else { return try FastlyService(api: bytes, name: path) }
            let services = try TerraformPlan(bytes, name: path).services
            guard services.count == 1 else {
                throw Failure(
                    .usage, "'\(path)' holds \(services.count) services; one program is wanted",
                    hint: "make a plan of one with terraform plan -target")
            }
            return services[0]
        }
        let folder = URL(fileURLWithPath: path)
        let parts = ["service.json", "snippets", "dictionaries", "acls"]
        guard
            parts.contains(where: {
                FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
            })
        else { return nil }
        let files = try ["vcl", "json", "csv", "txt"].flatMap { ending in
            try names(below: folder, ending: "." + ending).filter { !$0.hasSuffix(".test.vcl") }.map { name in
                (path: name, bytes: try read(folder.appendingPathComponent(name).path).bytes)
            }
        }
        return try ServiceFolder.read(files)
    }

    /// The campaign whose folder this is, or whose program this file is.
    private static func campaign(of place: URL, isFolder: Bool) throws -> OfCampaign? {
        // Paths as texts: an editor starts this at every pause in typing, and a URL for each look costs.
        var path = isFolder ? place.path : parent(of: place.path)
        for _ in 0..<8 {
            if FileManager.default.fileExists(atPath: path + "/campaign.yaml") {
                let folder = URL(fileURLWithPath: path.isEmpty ? "/" : path, isDirectory: true)
                let found = try CampaignProgram(folder: folder)
                let file = folder.appendingPathComponent(found.main.name)
                guard isFolder || file.standardizedFileURL == place.standardizedFileURL else { return nil }
                return OfCampaign(
                    program: found, folder: file.deletingLastPathComponent())
            }
            guard !isFolder, !path.isEmpty else { return nil }
            path = parent(of: path)
        }
        return nil
    }

    /// The folder of an absolute path, without a slash at its end: the root's is empty.
    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
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

    /// The settings that falco's users have beside their program; empty without them.
    private static func falcoSettings(in folder: URL) throws -> FalcoConfiguration {
        for name in [".falco.yaml", ".falco.yml"] {
            let path = folder.path + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let file = try read(path)
            let (found, mistakes) = FalcoConfiguration.read(file)
            if mistakes.hasErrors { throw Failure(.usage, mistakes.placed(in: SourceSet([file])).rendered()) }
            return found
        }
        return FalcoConfiguration()
    }

    /// What the pipeline looks at.
    func candidate() throws -> Candidate {
        var candidate = Candidate(main: main, model: model, dictionaries: dictionaries)
        candidate.tests = try tests()
        // By their paths in the program's folder, so that two copies of a program are compared file by file.
        let base = VCLProject.shown(folders[0].path) + "/"
        candidate.files = try files(ending: ".vcl").filter { !$0.name.hasSuffix(".test.vcl") }.map { file in
            guard file.name.hasPrefix(base) else { return file }
            return SourceFile(name: String(file.name.dropFirst(base.count)), bytes: file.bytes)
        }
        return candidate
    }

    /// Writes a file of the program back to where it was read from.
    func write(_ file: SourceFile) throws {
        let places = [file.name] + folders.map { $0.appendingPathComponent(file.name).path }
        guard let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else { return }
        do { try Data(file.bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw Failure(.invalid, "cannot write '\(path)'")
        }
    }

    // MARK: tests

    func tests() throws -> [SourceFile] { try TestRunner.endings.flatMap { try files(ending: $0) } }

    /// All files at once, as many at a time as there are cores.
    static func run(_ files: [SourceFile], by runner: TestRunner) -> [TestFileResult] {
        let results = Guarded<[Int: TestFileResult]>([:])
        DispatchQueue.concurrentPerform(iterations: files.count) { index in
            let result = runner.run(files[index])
            results.withLock { $0[index] = result }
        }
        let all = results.withLock { $0 }
        return files.indices.compactMap { all[$0] }
    }

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

    static func names(below folder: URL, ending: String) -> [String] {
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
