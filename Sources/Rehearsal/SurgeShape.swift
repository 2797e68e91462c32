package import Kernel

/// How visitors come: a curve over a rehearsal's length, and how long and how strong one of the kind is.
package struct SurgeShape: Sendable {
    /// When, from the start: a share of the whole length, or seconds, where a rise takes as long however long one holds.
    package enum Moment: Sendable, Equatable {
        case share(Double)
        case seconds(Double)
    }

    /// The rate at a moment, as a share of the highest; between two points it is a straight line.
    package struct Point: Sendable, Equatable {
        package let at: Moment
        package let rate: Double

        init(_ at: Moment, _ rate: Double) {
            self.at = at
            self.rate = rate
        }
    }

    package let name: String
    package let models: String
    /// Requests a second at the top, when nothing else is asked for.
    package let rate: Double
    package let length: Duration
    package let points: [Point]

    init(_ name: String, _ models: String, rate: Double, length: Duration, _ points: [Point]) {
        self.name = name
        self.models = models
        self.rate = rate
        self.length = length
        self.points = points
    }

    /// A half-life as a line with corners: `from` at `start`, half of it after each `half`, until the end.
    private static func decay(from start: Double, half: Double) -> [Point] {
        var points: [Point] = []
        var (at, rate) = (start, 1.0)
        while at < 1 {
            points.append(Point(.share(at), rate))
            at += half
            rate /= 2
        }
        points.append(Point(.share(1), rate))
        return points
    }

    package static let all: [SurgeShape] = [
        SurgeShape(
            "frankenbump",
            "a mention on live television: from nothing to everybody in one second, and they stay",
            rate: 2500, length: .seconds(600),
            [Point(.share(0), 0), Point(.seconds(1), 1), Point(.share(1), 1)]),
        SurgeShape(
            "blast",
            "an e-mail to the whole list: it fills while mailboxes take it, then halves again and again",
            rate: 1000, length: .seconds(900),
            [Point(.share(0), 0)] + decay(from: 0.15, half: 0.2)),
        SurgeShape(
            "call-out",
            "a number or an address called out to a full hall: up within ten seconds, gone within minutes",
            rate: 4000, length: .seconds(180),
            [Point(.share(0), 0), Point(.seconds(10), 1)] + decay(from: 0.25, half: 0.12)),
        SurgeShape(
            "debate", "an evening of television: a slow swell with a peak at each thing that is said",
            rate: 1500, length: .seconds(1200),
            [
                Point(.share(0), 0.1), Point(.share(0.1), 0.4), Point(.share(0.25), 0.4),
                Point(.share(0.27), 0.9),
                Point(.share(0.35), 0.5), Point(.share(0.5), 0.5), Point(.share(0.52), 1),
                Point(.share(0.62), 0.55),
                Point(.share(0.78), 0.5), Point(.share(0.8), 0.85), Point(.share(0.9), 0.4),
                Point(.share(1), 0.15),
            ]),
        SurgeShape(
            "flood", "an attack by requests: all of it from the first moment", rate: 5000,
            length: .seconds(60),
            [Point(.share(0), 1), Point(.share(1), 1)]),
        SurgeShape(
            "steady", "a constant rate, to compare one thing with another", rate: 500, length: .seconds(60),
            [Point(.share(0), 1), Point(.share(1), 1)]),
        SurgeShape(
            "ramp", "from nothing to the rate in a straight line: it shows what gives first", rate: 20000,
            length: .seconds(300), [Point(.share(0), 0), Point(.share(1), 1)]),
    ]

    /// By its name, or a failure that names the nearest.
    package static func named(_ name: String) throws(Failure) -> SurgeShape {
        if let found = all.first(where: { $0.name == name }) { return found }
        let near = nearest(name, among: all.map(\.name))
        throw Failure(
            .usage, "there is no shape '\(name)'",
            hint: near.map { "did you mean '\($0)'?" } ?? "hq rehearse shapes lists them")
    }

    /// The curve for `rate` at the top and `length` altogether. Points that a short length leaves no room for move
    /// together, so that time never runs backwards.
    package func curve(rate: Double, length: Duration) -> RateCurve {
        let whole = length.inSeconds
        var corners: [RateCurve.Corner] = []
        for point in points {
            let at =
                switch point.at {
                case .share(let share): share * whole
                case .seconds(let seconds): min(seconds, whole)
                }
            corners.append(RateCurve.Corner(at: max(at, corners.last?.at ?? 0), rate: point.rate * rate))
        }
        return RateCurve(corners: corners)
    }
}
