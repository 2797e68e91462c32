import Foundation
import Journey
import Kernel
import Services
import Store

/// Rate limiters by their ids: `/rate-limiters/:id`. The path names no version, so that the newest one that has the limiter is meant, and
/// for a change the newest draft.
enum LimiterRoutes {
    static let all: [Route] = [
        Route("GET", "/rate-limiters/:id", .viewer) { call in
            try call.read { transaction in
                let place = try Services.place(of: call["id"], kind: "rate-limiters", in: transaction)
                let found = try Services.object(
                    "rate-limiters", place.name, version: place.version, of: place.service, in: transaction)
                return Answer(ObjectKind.rateLimiter.json(found, place.service, place.version))
            }
        },
        Route("PUT", "/rate-limiters/:id", .operator) { call in
            let fields = call.fields
            return try await call.draft { transaction in
                let place = try Services.place(of: call["id"], kind: "rate-limiters", in: transaction)
                let old = try Services.object(
                    "rate-limiters", place.name, version: place.version, of: place.service, in: transaction)
                let changed = try Services.update(
                    "rate-limiters", place.name, to: try ObjectKind.rateLimiter.body(fields, after: old.body),
                    named: try fields.text("name") ?? place.name, version: place.version, of: place.service,
                    now: call.now, in: transaction)
                return Answer(ObjectKind.rateLimiter.json(changed, place.service, place.version))
            }
        },
        Route("DELETE", "/rate-limiters/:id", .operator) { call in
            try await call.draft { transaction in
                let place = try Services.place(of: call["id"], kind: "rate-limiters", in: transaction)
                try Services.delete(
                    "rate-limiters", place.name, version: place.version, of: place.service, in: transaction)
                return Answer.ok
            }
        },
    ]
}
