import HTTP1
import Kernel
import VCL

extension Variables {
    private static let stored = Scopes(.hit, .error)
    private static let lived = Scopes(.hit, .error, .log)
    private static let seen = Scopes(.hit, .error, .deliver, .log)

    static let object: [Variable] = [
        Variable(
            "obj.status", stored, .integer { Int64($0.obj.status) },
            set: .integer { $0.obj.status = status($1) },
            "The status of the object or, in vcl_error, of the answer being made; what is no status becomes 500."
        ),
        Variable(
            "obj.response", stored, .string { $0.obj.reason }, set: .string { $0.obj.reason = line($0, $1) },
            "The text behind the status."),
        Variable(
            "obj.proto", stored, .string { protocolName(minor: $0.obj.minor) },
            "The version of HTTP in which the object came."),
        Variable(
            "obj.headers", stored, .id("obj.headers"),
            "All header fields of the object, for the functions that take such a collection."),
        Variable(
            "obj.hits", Scopes(.hit, .deliver, .log), .integer { $0.objectHits },
            "How often the object was found, this time included; 0 when it was not."),
        Variable(
            "obj.age", seen, .rtime { $0.objectAge },
            "How old the object is, its time in other caches included."),
        Variable(
            "obj.entered", seen, .rtime { $0.objectAge }, "How long ago the object came into the cache."),
        Variable(
            "obj.lastuse", seen, .rtime { $0.objectLastUse },
            "How long ago the object was last asked for; 0 where the host does not say."),
        Variable(
            "obj.ttl", lived, .rtime { $0.objectLifetime.ttl }, set: .rtime { $0.objectLifetime.ttl = $1 },
            "How long the object stays fresh from now; negative when it is stale."),
        Variable(
            "obj.grace", lived, .rtime { $0.objectLifetime.grace },
            set: .rtime { $0.objectLifetime.grace = $1 }, replacement: "obj.stale_if_error",
            "How long the stale object may still be used."),
        Variable(
            "obj.stale_while_revalidate", lived, .rtime { $0.objectLifetime.staleWhileRevalidate },
            "How long the stale object is served while it is renewed."),
        Variable(
            "obj.stale_if_error", lived, .rtime { $0.objectLifetime.staleIfError },
            "How long the stale object is served when the origin fails."),
        Variable(
            "obj.cacheable", Scopes(.hit), .bool { $0.cacheable },
            "Whether the object may be kept; true of every object that was found."),
        Variable(
            "obj.is_pci", seen, .bool { $0.usedExtras?.pass.pci ?? false },
            "Whether beresp.pci was set, so that the object stays in volatile memory."),
        Variable(
            "stale.exists", .all, .string { $0.staleExists ? Bytes("true") : .notSet },
            "Set, when the cache holds a stale object that could be served; not set otherwise."),
    ]
}
