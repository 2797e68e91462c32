import Kernel

#if canImport(Glibc)
    import Glibc
#endif

/// Requests a second over time: straight lines between corners.
package struct RateCurve: Sendable, Equatable {
    package struct Corner: Sendable, Equatable {
        /// Seconds from the start; they never fall from one corner to the next.
        package let at: Double
        package let rate: Double

        package init(at: Double, rate: Double) {
            self.at = at
            self.rate = rate
        }
    }

    package let corners: [Corner]

    package init(corners: [Corner]) { self.corners = corners }

    /// The rate at `seconds`; 0 before the first corner and from the last one on.
    package func rate(at seconds: Double) -> Double {
        guard let first = corners.first, let last = corners.last, seconds >= first.at, seconds < last.at
        else {
            return 0
        }
        guard let next = corners.firstIndex(where: { $0.at > seconds }) else { return 0 }
        let (a, b) = (corners[next - 1], corners[next])
        return a.rate + (b.rate - a.rate) * (seconds - a.at) / (b.at - a.at)
    }

    /// How many requests are due between two moments: the surface under the curve.
    package func requests(from lower: Double, to upper: Double) -> Double {
        zip(corners, corners.dropFirst()).reduce(0) { sum, pair in
            let (a, b) = pair
            let (from, to) = (max(lower, a.at), min(upper, b.at))
            guard to > from, b.at > a.at else { return sum }
            func rate(_ at: Double) -> Double { a.rate + (b.rate - a.rate) * (at - a.at) / (b.at - a.at) }
            return sum + (rate(from) + rate(to)) / 2 * (to - from)
        }
    }

    package var seconds: Double { corners.last?.at ?? 0 }
    package var highest: Double { corners.map(\.rate).max() ?? 0 }
}

/// The moments at which requests are due: an open loop. They follow from the curve alone and know nothing of answers, so
/// that a slow server is asked as often as a fast one. Several schedules of one curve each give every `parts`-th part of
/// it, and together the whole.
package struct ArrivalSchedule: Sendable {
    /// How requests follow each other at a constant rate.
    package enum Spacing: String, Sendable, CaseIterable {
        /// Always the same time apart.
        case even
        /// As independent people come (a Poisson process): sometimes close together, sometimes far apart.
        case poisson
    }

    private let corners: [RateCurve.Corner]
    private let spacing: Spacing
    private let parts: Double
    private var random: SeededRandom
    /// The line that the last arrival fell on, where on it, and what is still to be gone of one arrival.
    private var line = 0
    private var at: Double
    private var credit: Double

    /// - Parameters:
    ///   - part: from 0 up to `parts`; with even spacing, the parts' moments lie between each other.
    package init(_ curve: RateCurve, spacing: Spacing, part: Int, of parts: Int, seed: UInt64) {
        corners = curve.corners
        self.spacing = spacing
        self.parts = Double(parts)
        random = SeededRandom(seed: seed &+ UInt64(part))
        at = curve.corners.first?.at ?? 0
        credit = spacing == .even ? Double(part) + 0.5 : 0
        if spacing == .poisson { credit = step() }
    }

    /// Requests of the whole curve until this part's next.
    private mutating func step() -> Double {
        guard spacing == .poisson else { return parts }
        return -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)) * parts
    }

    /// Nanoseconds from the start at which the next request is due; nil when there is no more.
    package mutating func next() -> Int64? {
        while line + 1 < corners.count {
            let (a, b) = (corners[line], corners[line + 1])
            let length = b.at - a.at
            if length > 0 {
                let slope = (b.rate - a.rate) / length
                let rate = a.rate + slope * (at - a.at)
                let room = (rate + b.rate) / 2 * (b.at - at)
                if credit <= room, room > 0 {
                    at = min(b.at, at + ArrivalSchedule.time(for: credit, rate, slope))
                    credit = step()
                    return Int64(at * 1e9)
                }
                credit -= room
            }
            line += 1
            at = b.at
        }
        return nil
    }

    /// Seconds in which `count` requests come when the rate is `rate` now and grows by `slope` a second: the root of
    /// rate t + slope t^2 / 2 = count, in the form that does not lose its digits when the slope is small.
    private static func time(for count: Double, _ rate: Double, _ slope: Double) -> Double {
        let root = max(0, rate * rate + 2 * slope * count).squareRoot()
        let divisor = rate + root
        return divisor > 0 ? 2 * count / divisor : 0
    }
}
