import Foundation
import HTTPKit
import Kernel

/// The part of a list that a request asks for: `page`, `per_page`, and `sort` with `direction`.
struct Page: Sendable {
    let number: Int
    let length: Int
    /// The request says nothing of pages.
    let isWhole: Bool
    let sort: String?
    let isDescending: Bool

    init(_ request: HTTPRequest) throws {
        func number(_ names: [String]) throws -> Int? {
            guard let text = names.lazy.compactMap({ request.query[$0] }).first, !text.isEmpty else {
                return nil
            }
            guard let number = Int(text), number > 0 else {
                throw Failure(.invalid, "'\(names[0])' is a number above 0, not '\(text.prefix(20))'")
            }
            return number
        }
        let (page, length) = (
            try number(["page", "page[number]"]), try number(["per_page", "limit", "page[size]"])
        )
        isWhole = page == nil && length == nil
        self.number = page ?? 1
        self.length = min(
            length ?? (isWhole ? FastlyLimits.longestPage : FastlyLimits.page), FastlyLimits.longestPage)
        sort = request.query["sort"]
        isDescending = request.query["direction"] == "descend"
    }

    func count(of total: Int) -> Int { max(1, (total + length - 1) / length) }

    /// Records before it; nil for a page that no list can have.
    var offset: Int? {
        let (start, overflow) = (number - 1).multipliedReportingOverflow(by: length)
        return overflow ? nil : start
    }

    func slice<Element>(_ all: [Element]) -> ArraySlice<Element> {
        guard let start = offset, start < all.count else { return [] }
        return all[start..<min(all.count, start + length)]
    }

    /// `Link` with the pages around (RFC 8288); nil when everything is on this one.
    func link(_ request: HTTPRequest, total: Int) -> String? {
        let last = count(of: total)
        guard last > 1 else { return nil }
        var links: [(Int, String)] = [(1, "first"), (last, "last")]
        if number > 1 { links.append((min(number - 1, last), "prev")) }
        if number < last { links.append((number + 1, "next")) }
        return links.map { "<\(address(request, page: $0.0))>; rel=\"\($0.1)\"" }.joined(separator: ", ")
    }

    func address(_ request: HTTPRequest, page: Int) -> String {
        let host = request.headers["host"] ?? "localhost"
        let others = request.queryText.split(separator: "&").filter {
            !$0.hasPrefix("page=") && !$0.hasPrefix("per_page=") && !$0.hasPrefix("page%5B")
                && !$0.hasPrefix("page[")
        }
        let query = (others + ["page=\(page)", "per_page=\(length)"]).joined(separator: "&")
        return "http://\(host)\(request.rawPath)?\(query)"
    }

    /// The list's part, with its `Link`.
    func answer<Element>(
        _ all: [Element], _ request: HTTPRequest, _ present: (Element) throws -> JSONValue
    ) rethrows -> Answer {
        try answer(Array(slice(all)), of: all.count, request, present)
    }

    /// The same of a list of which only this part was read.
    func answer<Element>(
        _ shown: [Element], of total: Int, _ request: HTTPRequest, _ present: (Element) throws -> JSONValue
    ) rethrows -> Answer {
        var answer = Answer(.array(try shown.map(present)))
        if let link = link(request, total: total) { answer.headers.append(("Link", link)) }
        return answer
    }
}
