package import EdgeRecords
import Foundation
import Kernel

extension LogDestination {
    /// What a place asks for. Throws `Failure` when it cannot be written to: an edge does not begin with a log that nobody
    /// will get.
    package convenience init(
        _ place: LogPlace, _ content: LogContent, host: String, report: @escaping @Sendable (String) -> Void
    ) throws {
        let sink: any LogSink
        switch place.destination {
        case .file(let path): sink = try FileSink(path: path)
        case .stdout: sink = try FileSink(path: nil)
        case .syslog(let transport):
            let name = if case .endpoint(let name) = content { name } else { "hq-edge" }
            let message = SyslogMessage(
                host: host, application: name, process: Int(ProcessInfo.processInfo.processIdentifier))
            sink = SyslogSink(transport, message: message)
        case .http(let url):
            let format: RecordFormat? = content == .requests ? place.format : nil
            sink = HTTPSink(
                url: url, format: format,
                authorization: try place.authorizationFile.map(LogDestination.firstLine))
        }
        self.init(place, content, sink: sink, report: report)
    }

    private static func firstLine(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path),
            let line = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first
        else { throw Failure(.notFound, "cannot read an authorization from '\(path)'") }
        return String(line)
    }
}
