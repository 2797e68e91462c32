import Diagnostics
import VCL

extension Compiler {
    /// What a backend's `.probe` says; nil for one that asks nothing (`.dummy`).
    func healthCheck(_ properties: [Property], of backend: Backend) -> HealthCheck? {
        let host = backend.hostHeader ?? backend.host
        var check = HealthCheck(host: host)
        var initial: Int?
        for property in properties {
            guard case .expression(let value) = property.value else { continue }
            let written = text(value.span)
            switch text(property.name) {
            case ".dummy": if written == "true" { return nil }
            case ".request": check.request = HealthCheck.head(lines(value))
            case ".url":
                let path = literalText(value) ?? "/"
                check.request = HealthCheck.head([
                    "GET \(path) HTTP/1.1", "Host: \(host)", "Connection: close",
                ])
            case ".expected_response": check.expectedStatus = number(written, value.span, 100...999) ?? 200
            case ".interval": check.interval = max(HealthCheck.shortest, duration(written, value.span))
            case ".timeout": check.timeout = duration(written, value.span)
            case ".window": check.window = number(written, value.span, 1...64) ?? check.window
            case ".threshold": check.threshold = number(written, value.span, 1...64) ?? check.threshold
            case ".initial": initial = number(written, value.span, 0...64)
            default: break
            }
        }
        check.initial = initial ?? check.threshold
        return check
    }

    /// The lines of a head, each a string of its own.
    private func lines(_ value: Expression) -> [String] {
        guard case .concatenation(let parts) = value.kind else { return [literalText(value) ?? ""] }
        return parts.map { literalText($0) ?? "" }
    }
}
