import Foundation
import HTTP1
import HTTPKit

#if canImport(Glibc)
    import Glibc
#endif

/// One file of a site and how it is answered: validators, 304, one range, precompressed variants.
struct StaticFile {
    enum Found {
        case file(StaticFile)
        case redirect(String)
        case none
    }

    let path: String
    let size: Int
    let modified: Date
    /// Nanoseconds since 1970.
    private let changed: Int

    /// The file for a request's path: itself, `path.html`, or `path/index.html`. Nothing outside `root` is ever found, links included.
    static func find(_ requestPath: String, in root: URL) -> Found {
        let parts = requestPath.split(separator: "/", omittingEmptySubsequences: true)
        // One address for one page: rules that the edge has for /staff/ hold for //staff/ too, because that is none.
        guard requestPath.hasPrefix("/"), !requestPath.contains("//"), !requestPath.utf8.contains(0),
            !parts.contains(".."),
            !parts.contains(where: { $0.hasPrefix(".") && $0 != ".well-known" })
        else { return .none }
        let relative = parts.joined(separator: "/")
        if requestPath.hasSuffix("/") {
            return file(relative.isEmpty ? "index.html" : relative + "/index.html", root).map { .file($0) }
                ?? .none
        }
        if let exact = file(relative, root) { return .file(exact) }
        if let page = file(relative + ".html", root) { return .file(page) }
        return file(relative + "/index.html", root) != nil ? .redirect("/" + relative + "/") : .none
    }

    private static func file(_ relative: String, _ root: URL) -> StaticFile? {
        let url = root.appendingPathComponent(relative).resolvingSymlinksInPath()
        guard url.path.hasPrefix(root.path + "/") else { return nil }
        return StaticFile(path: url.path)
    }

    private init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.path = path
        size = Int(status.st_size)
        modified = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
        changed = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    // MARK: answering

    func respond(to request: HTTPRequest) -> HTTPResponse {
        let (file, encoding) = variant(request.headers["accept-encoding"] ?? "")
        var headers: [(String, String)] = [
            ("Content-Type", type), ("ETag", file.etag), ("Last-Modified", modifiedText),
            ("Accept-Ranges", "bytes"),
            ("Cache-Control", cacheControl),
            ("Surrogate-Control", "max-age=60, stale-while-revalidate=30, stale-if-error=86400"),
        ]
        if hasVariants { headers.append(("Vary", "Accept-Encoding")) }
        if let encoding { headers.append(("Content-Encoding", encoding)) }
        if isUnchanged(request, file.etag) {
            return HTTPResponse(status: 304, headers: headers, body: .data(Data()))
        }
        guard let data = FileManager.default.contents(atPath: file.path) else {
            return HTTPResponse(status: 500, type: "text/plain", text: "the file cannot be read\n")
        }
        if let range = wanted(request, data.count, file.etag) {
            guard let range else {
                return HTTPResponse(
                    status: 416, headers: [("Content-Range", "bytes */\(data.count)")], body: .data(Data()))
            }
            headers.append(
                ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(data.count)"))
            return HTTPResponse(status: 206, headers: headers, body: .data(Data(data[range])))
        }
        return HTTPResponse(headers: headers, body: .data(data))
    }

    private var modifiedText: String { HTTPDate.text(Int64(modified.timeIntervalSince1970)) }

    /// A file that was written twice within a second has two tags.
    private var etag: String { "\"\(String(changed, radix: 16))-\(String(size, radix: 16))\"" }

    private static let encodings: [(name: String, suffix: String)] = [("br", ".br"), ("gzip", ".gz")]

    private var hasVariants: Bool {
        StaticFile.encodings.contains { StaticFile(path: path + $0.suffix) != nil }
    }

    private func variant(_ accept: String) -> (StaticFile, String?) {
        let accepted = accept.split(separator: ",").filter { !$0.replacing(" ", with: "").hasSuffix(";q=0") }
            .map { $0.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? "" }
        for (name, suffix) in StaticFile.encodings where accepted.contains(name) {
            if let file = StaticFile(path: path + suffix) { return (file, name) }
        }
        return (self, nil)
    }

    private func isUnchanged(_ request: HTTPRequest, _ etag: String) -> Bool {
        if let known = request.headers["if-none-match"] {
            return known == "*"
                || known.split(separator: ",").contains {
                    $0.trimmingCharacters(in: .whitespaces).replacing("W/", with: "") == etag
                }
        }
        guard let since = request.headers["if-modified-since"].flatMap({ HTTPDate.seconds(of: $0) }) else {
            return false
        }
        return Int64(modified.timeIntervalSince1970) <= since
    }

    /// Nil: the whole; `.some(nil)`: a range that cannot be given.
    private func wanted(_ request: HTTPRequest, _ count: Int, _ etag: String) -> Range<Int>?? {
        guard let header = request.headers["range"], header.hasPrefix("bytes="), request.method == "GET"
        else { return nil }
        if let condition = request.headers["if-range"], condition != etag,
            condition != modifiedText
        {
            return nil
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !header.contains(",") else { return nil }
        if parts[0].isEmpty {
            guard let last = Int(parts[1]), last > 0, count > 0 else { return .some(nil) }
            return max(0, count - last)..<count
        }
        guard let from = Int(parts[0]) else { return nil }
        guard from < count else { return .some(nil) }
        let to = parts[1].isEmpty ? count - 1 : Int(parts[1]) ?? -1
        return to >= from ? from..<min(to, count - 1) + 1 : nil
    }

    private var pathExtension: String {
        path.split(separator: "/").last?.split(separator: ".").last.map { $0.lowercased() } ?? ""
    }

    private var type: String { StaticFile.types[pathExtension] ?? "application/octet-stream" }

    private var cacheControl: String {
        pathExtension == "html" ? "max-age=0, must-revalidate" : "max-age=3600"
    }

    private static let types: [String: String] = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "json": "application/json", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "gif": "image/gif", "webp": "image/webp", "ico": "image/x-icon", "txt": "text/plain; charset=utf-8",
        "xml": "application/xml",
        "pdf": "application/pdf", "woff2": "font/woff2", "mp4": "video/mp4",
        "webmanifest": "application/manifest+json", "ics": "text/calendar; charset=utf-8",
        "atom": "application/atom+xml", "rss": "application/rss+xml", "csv": "text/csv; charset=utf-8",
        "md": "text/markdown; charset=utf-8", "avif": "image/avif", "mp3": "audio/mpeg", "webm": "video/webm",
        "mjs": "text/javascript; charset=utf-8", "wasm": "application/wasm", "vtt": "text/vtt; charset=utf-8",
    ]
}
