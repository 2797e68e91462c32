import Kernel
import VCL

extension Variables {
    private static let esi = Scopes(.recv, .fetch, .error, .deliver)

    /// Fastly's page names no default for how long a request accepts stale objects; unset here means no bound, which
    /// reads as the longest RTIME.
    private static let unbounded = Int64.max

    static let requestSettings: [Variable] = [
        Variable(
            "req.backend", .all, .backend { Int64($0.backend) }, set: .backend { $0.backend = Int($1) },
            "The backend or director to which the request goes; as text its name."),
        Variable(
            "req.backend.healthy", .all, .bool { $0.isHealthy(place: $0.backend) },
            "Whether req.backend answers, or of a director enough backends to meet its quorum."),
        Variable(
            "req.backend.ip", Scopes(.error, .deliver, .log),
            .ip { $0.facts?.origin?.address ?? .unspecified }, replacement: "beresp.backend.ip",
            "The address of the backend that was asked; 0.0.0.0 where the host does not say."),
        Variable(
            "req.backend.port", Scopes(.error, .deliver, .log), .integer { $0.backendPort },
            replacement: "beresp.backend.port", "The port of the backend that was asked."),
        Variable(
            "req.backend.name", Scopes(.error, .deliver, .log), .string { $0.backendName },
            "The name of the backend that was asked, or else of req.backend."),
        Variable(
            "req.backend.is_origin", Scopes(.miss, .pass, .fetch),
            .bool { !($0.facts?.origin?.isShield ?? false) },
            "Whether req.backend is an origin and no shield."),
        Variable(
            "req.backend.is_shield", .all, .bool { $0.facts?.origin?.isShield ?? false },
            "Whether req.backend is another edge that shields the origin; false where the host does not say."),
        Variable(
            "req.backend.is_cluster", Scopes(.deliver), .bool { _ in false },
            "Whether a node of the same place fetched; false, for an HQ edge is one node."),
        Variable(
            "req.hash_always_miss", Scopes(.recv), .bool { $0.hashAlwaysMiss },
            set: .bool { $0.hashAlwaysMiss = $1 }, "True fetches anew whatever the cache holds."),
        Variable(
            "req.hash_ignore_busy", Scopes(.recv), .bool { $0.hashIgnoreBusy },
            set: .bool { $0.hashIgnoreBusy = $1 },
            "True does not wait for another request that fetches the same object."),
        Variable(
            "req.enable_range_on_pass", Scopes(.recv), .bool { $0.usedExtras?.rangeOnPass ?? false },
            set: .bool { $0.extras.rangeOnPass = $1 },
            "A wish that a passed request keeps its Range header, which the edge honours."),
        Variable(
            "req.enable_segmented_caching", Scopes(.recv), .bool { $0.usedExtras?.segmentedCaching ?? false },
            set: .bool { $0.extras.segmentedCaching = $1 },
            "Whether a large object is fetched and kept in segments."),
        Variable(
            "req.esi", esi, .bool { $0.usedExtras?.allowsESI ?? true },
            set: .bool { $0.extras.allowsESI = $1 },
            "Whether ESI tags of this response are processed; true unless set."),
        Variable(
            "req.esi_level", Scopes(.recv, .deliver), .integer { $0.usedExtras?.esiLevel ?? 0 },
            "How many pages include this fragment; 0 for the request of a client."),
        Variable(
            "esi.allow_inside_cdata", esi, .bool { $0.usedExtras?.allowsESIInsideCDATA ?? false },
            set: .bool { $0.extras.allowsESIInsideCDATA = $1 },
            "Whether ESI tags inside CDATA sections count."),
        Variable(
            "req.grace", .all, .rtime { $0.usedExtras?.maxStaleIfError ?? unbounded },
            set: .rtime { $0.extras.maxStaleIfError = $1 }, replacement: "req.max_stale_if_error",
            "The same as req.max_stale_if_error under its older name."),
        Variable(
            "req.max_stale_if_error", .all, .rtime { $0.usedExtras?.maxStaleIfError ?? unbounded },
            set: .rtime { $0.extras.maxStaleIfError = $1 },
            "How stale an object this request accepts when the origin fails; a wish for the edge, unbounded unless set."
        ),
        Variable(
            "req.max_stale_while_revalidate", .all,
            .rtime { $0.usedExtras?.maxStaleWhileRevalidate ?? unbounded },
            set: .rtime { $0.extras.maxStaleWhileRevalidate = $1 },
            "How stale an object this request accepts while it is renewed; a wish for the edge, unbounded unless set."
        ),
    ]
}

extension Context {
    /// Whether the backend or director at a place of the program's list can answer. A director needs its quorum; one
    /// that only tries its members in order needs any of them.
    func isHealthy(place: Int) -> Bool {
        let program = snapshot.program
        return program.isHealthy(place: place) { [facts] in facts?.isHealthy(program.backends[$0]) ?? true }
    }

    /// The backend that answered, or the one that is to be asked; nil for a director that has not chosen.
    var answeringBackend: Backend? {
        let place = servedBy >= 0 ? servedBy : backend
        let backends = snapshot.program.backends
        return place >= 0 && place < backends.count ? backends[place] : nil
    }

    var backendName: Bytes { snapshot.program.backendName(servedBy >= 0 ? servedBy : backend) }

    var backendPort: Int64 { facts?.origin?.port ?? Int64(answeringBackend?.port ?? 0) }
}
