import Kernel
import VCL

extension Functions {
    static let edge: [Function] = [
        Function(
            "early_hints", [.string, .list], .void,
            """
            Asks the host to send these header lines in a response 103 at once; a host that cannot does \
            nothing.
            """
        ) { arguments in
            let lines = arguments.strings(from: 0)
            return arguments.step { context in
                for line in lines {
                    let text = HeaderReference.clean(line(context), in: context.arena)
                    guard text.count > 0, context.wishes.earlyHints.count < VCLRuntimeLimits.hints else {
                        continue
                    }
                    context.wishes.earlyHints.append(text)
                }
            }
        },
        Function(
            "h2.push", [.string, .string], .void, required: 1,
            scopes: Scopes(.recv, .hash, .hit, .miss, .pass, .fetch, .error, .deliver),
            """
            Asks the host to push a URL over HTTP/2, the second argument saying as what; browsers no \
            longer take it, so that a host may do nothing.
            """
        ) { arguments in
            let (url, kind) = (arguments.string(0), arguments.string(1))
            return arguments.step { context in
                let text = HeaderReference.clean(url(context), in: context.arena)
                guard text.count > 0, context.wishes.pushes.count < VCLRuntimeLimits.hints else { return }
                context.wishes.pushes.append((text, kind(context)))
            }
        },
        Function(
            "h2.disable_header_compression", [.list], .void,
            "Asks the host to keep these headers out of HTTP/2's table; a host without HTTP/2 does nothing."
        ) { arguments in
            let names = arguments.strings(from: 0)
            return arguments.step { context in
                for name in names {
                    let text = name(context)
                    guard HeaderReference.isName(text),
                        context.wishes.uncompressedHeaders.count < VCLRuntimeLimits.hints
                    else { continue }
                    context.wishes.uncompressedHeaders.append(text)
                }
            }
        },
        Function(
            "h3.alt_svc", [], .void,
            "Asks the host to advertise HTTP/3; a host that does not speak it does nothing."
        ) { $0.step { $0.wishes.advertisesHTTP3 = true } },
        Function(
            "resp.tarpit", [.integer, .integer], .void, required: 1, scopes: Scopes(.deliver),
            """
            Asks the host to send a small response slowly: so many seconds between pieces of so many \
            bytes, 100 when left out.
            """
        ) { arguments in
            let (interval, chunk) = (arguments.integer(0), arguments.integer(1, default: 100))
            return arguments.step { context in
                let (seconds, bytes) = (interval(context), chunk(context))
                guard seconds > 0, bytes > 0 else { return }
                context.wishes.tarpit = Wishes.Tarpit(interval: seconds, chunkBytes: bytes)
            }
        },
        Function(
            "fastly.try_select_shield", [.backend, .backend], .backend,
            """
            The first backend if it is a shield director that is healthy, and the request came through no other edge; else the \
            second.
            """
        ) { arguments in
            let (shield, fallback) = (arguments.integer(0), arguments.integer(1))
            return .backend { context in
                let place = shield(context)
                let isShield = context.snapshot.program.isShield(place)
                return isShield && context.visits == 0 && context.isHealthy(place: Int(clamping: place))
                    ? place : fallback(context)
            }
        },
        Function(
            "fastly.ff.last_hop_was_serviceid", [.string], .bool,
            """
            Whether the request came here from another edge of this service. HQ's edges serve one, so that it does not matter \
            which is named.
            """
        ) { arguments in
            let service = arguments.string(0)
            return .bool {
                _ = service($0)
                return $0.visits > 0
            }
        },
    ]
}

extension Program {
    /// Whether this place is that of a director of shields.
    func isShield(_ place: Int64) -> Bool {
        let index = Int(clamping: place) - backends.count
        return index >= 0 && index < directors.count && directors[index].isShield
    }
}
