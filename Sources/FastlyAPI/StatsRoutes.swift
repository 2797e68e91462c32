import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Services

/// What edges served of late. Edges count all programs together, and their counts are kept for a quarter of an hour: longer than that
/// is the business of metrics.
enum StatsRoutes {
    static let all: [Route] = [
        Route("GET", "/stats", .viewer) { call in
            let id = try await call.source.campaign().service.id
            let (meta, records) = try await history(call)
            return success(meta, .object([JSONMember(id, .array(records.map { .object($0) }))]))
        },
        Route("GET", "/stats/aggregate", .viewer) { call in
            let (meta, records) = try await history(call)
            return success(meta, .array(records.map { .object($0) }))
        },
        Route("GET", "/stats/regions", .viewer) { call in success(meta(try period(call)), ["hq"]) },
        Route("GET", "/stats/field/:field", .viewer) { call in
            let id = try await call.source.campaign().service.id
            let (meta, records) = try await history(call)
            return success(meta, .object([JSONMember(id, try field(call["field"], of: records))]))
        },
        Route("GET", "/stats/service/:service", .viewer) { call in
            _ = try call.record()
            let (meta, records) = try await history(call)
            return success(meta, .array(records.map { .object($0) }))
        },
        Route("GET", "/stats/service/:service/field/:field", .viewer) { call in
            _ = try call.record()
            let (meta, records) = try await history(call)
            return success(meta, try field(call["field"], of: records))
        },
        Route("GET", "/service/:service/stats/summary", .viewer) { call in
            _ = try call.record()
            let points = await call.source.traffic().sum(seconds: Traffic.points, now: call.now)
            return Answer(["stats": .object([JSONMember("hq", .object(record(points)))])])
        },
        Route("GET", "/v1/channel/:service/ts/h", .viewer) { call in try await realtime(call, 120) },
        Route("GET", "/v1/channel/:service/ts/h/limit/:most", .viewer) { call in
            try await realtime(call, min(120, try call.number("most")))
        },
        Route("GET", "/v1/channel/:service/ts/:time", .viewer) { call in
            guard let since = Int64(call["time"]), since >= 0 else {
                throw Failure(.invalid, "'\(call["time"])' is no time", hint: "seconds since 1970, or h")
            }
            let seconds = since == 0 ? 1 : min(max(call.now / 1000 - since, 1), Int64(Traffic.points))
            return try await realtime(call, Int(seconds))
        },
    ]

    // MARK: history

    private struct Period {
        let from: Int64
        let to: Int64
        let by: String
        var step: Int64 { by == "minute" ? 60 : by == "hour" ? 3600 : 86_400 }
    }

    private static func period(_ call: Call) throws -> Period {
        func time(_ name: String) throws -> Int64? {
            guard let text = call.request.query[name], !text.isEmpty else { return nil }
            guard let seconds = Int64(text) else {
                throw Failure(.invalid, "'\(name)' is a time in seconds since 1970, not '\(text.prefix(40))'")
            }
            return seconds
        }
        let by = call.request.query["by"] ?? "day"
        guard ["minute", "hour", "day"].contains(by) else {
            throw Failure(.invalid, "statistics are not summed by '\(by)'", hint: "by=minute, hour or day")
        }
        let now = call.now / 1000
        return Period(
            from: try time("from") ?? now - Int64(Traffic.points), to: try time("to") ?? now, by: by)
    }

    private static func meta(_ period: Period) -> JSONValue {
        func text(_ time: Int64) -> JSONValue { .time(time * 1000) }
        return [
            "from": text(period.from), "to": text(period.to), "by": .string(period.by), "region": "all",
        ]
    }

    private static func success(_ meta: JSONValue, _ data: JSONValue) -> Answer {
        Answer([
            "status": "success", "meta": meta,
            "msg": "all programs of the edges together, of the last 15 minutes",
            "data": data,
        ])
    }

    private static func history(_ call: Call) async throws -> (JSONValue, [[JSONMember]]) {
        let period = try period(call)
        let points = await call.source.traffic().sum(seconds: Traffic.points, now: call.now)
        let inside = points.filter { (period.from..<max(period.to, period.from + 1)).contains($0.at / 1000) }
        let slots = Dictionary(grouping: inside) { $0.at / 1000 / period.step * period.step }
        let records = slots.sorted { $0.key < $1.key }.filter { $0.value.contains { $0.requests > 0 } }.map {
            [JSONMember("start_time", .integer(Int($0.key)))] + record($0.value)
        }
        return (meta(period), records)
    }

    /// Fastly's names of what an edge counts.
    private static func record(_ points: [Traffic.Point]) -> [JSONMember] {
        func sum(_ value: (Traffic.Point) -> Int) -> Int { points.reduce(0) { $0 + value($1) } }
        let (requests, hits) = (sum(\.requests), sum(\.hits))
        let bytes = sum(\.bodyBytes)
        var members: [JSONMember] = [
            JSONMember("requests", .integer(requests)), JSONMember("edge_requests", .integer(requests)),
            JSONMember("hits", .integer(hits)), JSONMember("miss", .integer(max(0, requests - hits))),
            JSONMember("errors", .integer(sum { $0.statuses[4] })), JSONMember("body_size", .integer(bytes)),
            JSONMember("bandwidth", .integer(bytes)), JSONMember("resp_body_bytes", .integer(bytes)),
            JSONMember(
                "hit_ratio", requests == 0 ? .null : .number("\(Double(hits) / Double(requests))")),
        ]
        for status in 0..<5 {
            members.append(JSONMember("status_\(status + 1)xx", .integer(sum { $0.statuses[status] })))
        }
        return members
    }

    private static func field(_ name: String, of records: [[JSONMember]]) throws -> JSONValue {
        let known = record([]).map(\.name)
        guard known.contains(name) else {
            throw Failure(
                .notFound, "edges do not count '\(name)'", hint: "there are \(known.joined(separator: ", "))")
        }
        return .array(records.map { .object($0.filter { $0.name == name || $0.name == "start_time" }) })
    }

    // MARK: real time

    private static func realtime(_ call: Call, _ seconds: Int) async throws -> Answer {
        _ = try call.record()
        let points = await call.source.traffic().sum(seconds: seconds, now: call.now)
        let entries: [JSONValue] = points.map { point in
            let numbers = JSONValue.object(record([point]).filter { $0.name != "hit_ratio" })
            return .object([
                JSONMember("recorded", .integer(Int(point.at / 1000))), JSONMember("aggregated", numbers),
                JSONMember("datacenter", .object([JSONMember("HQ", numbers)])),
            ])
        }
        return Answer([
            "Timestamp": .integer(Int(call.now / 1000)), "AggregateDelay": 1, "Data": .array(entries),
        ])
    }
}
