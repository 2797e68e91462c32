import Kernel
import Testing

@testable import Rehearsal

@Suite struct ArrivalScheduleTests {
    private func moments(
        _ curve: RateCurve, _ spacing: ArrivalSchedule.Spacing = .even, part: Int = 0, of parts: Int = 1,
        seed: UInt64 = 3
    ) -> [Double] {
        var schedule = ArrivalSchedule(curve, spacing: spacing, part: part, of: parts, seed: seed)
        var found: [Double] = []
        while let next = schedule.next() { found.append(Double(next) / 1e9) }
        return found
    }

    private let steady = RateCurve(corners: [.init(at: 0, rate: 100), .init(at: 10, rate: 100)])

    @Test func aConstantRateIsEvenlySpaced() {
        let found = moments(steady)
        #expect(found.count == 1000)
        for (a, b) in zip(found, found.dropFirst()) { #expect(abs(b - a - 0.01) < 1e-6) }
    }

    @Test(arguments: SurgeShape.all.map(\.name))
    func everyShapeSendsWhatItsCurveHolds(name: String) throws {
        let shape = try SurgeShape.named(name)
        let curve = shape.curve(rate: 200, length: .seconds(60))
        for spacing in ArrivalSchedule.Spacing.allCases {
            let found = moments(curve, spacing)
            let wanted = curve.requests(from: 0, to: 60)
            // A Poisson count strays by its root; five of them are enough for ever.
            let room = spacing == .even ? 1.5 : 5 * wanted.squareRoot()
            #expect(abs(Double(found.count) - wanted) <= room, "\(spacing): \(found.count), \(wanted)")
            #expect(zip(found, found.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(found.allSatisfy { $0 >= 0 && $0 <= 60 })
            // Each stretch has its own part, not only the whole.
            for second in stride(from: 0.0, to: 60, by: 10) {
                let part = curve.requests(from: second, to: second + 10)
                let here = found.count { $0 >= second && $0 < second + 10 }
                #expect(abs(Double(here) - part) <= (spacing == .even ? 1.5 : 5 * part.squareRoot() + 5))
            }
        }
    }

    @Test func partsTogetherAreTheWholeAndLieBetweenEachOther() {
        let whole = moments(steady)
        let parts = (0..<4).map { moments(steady, part: $0, of: 4) }
        let merged = parts.flatMap { $0 }.sorted()
        #expect(merged.count == whole.count)
        for (a, b) in zip(whole, merged) { #expect(abs(a - b) < 1e-6) }
        #expect(parts.allSatisfy { $0.count == 250 })
    }

    @Test func theSameSeedGivesTheSameMoments() {
        #expect(moments(steady, .poisson) == moments(steady, .poisson))
        #expect(moments(steady, .poisson) != moments(steady, .poisson, seed: 4))
    }

    @Test func aCurveThatHoldsNothingAsksForNothing() {
        #expect(moments(RateCurve(corners: [])).isEmpty)
        #expect(moments(RateCurve(corners: [.init(at: 0, rate: 0), .init(at: 5, rate: 0)])).isEmpty)
        #expect(steady.rate(at: 10) == 0 && steady.rate(at: -1) == 0 && steady.rate(at: 5) == 100)
    }

    @Test func aShortRehearsalKeepsTheOrderOfItsCorners() throws {
        let curve = try SurgeShape.named("call-out").curve(rate: 100, length: .seconds(4))
        #expect(zip(curve.corners, curve.corners.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(curve.seconds == 4)
    }

    @Test func anUnknownShapeNamesTheNearest() {
        #expect(
            throws: Failure(.usage, "there is no shape 'frankenbum'", hint: "did you mean 'frankenbump'?")
        ) {
            try SurgeShape.named("frankenbum")
        }
    }
}

@Suite struct WeightedChoiceTests {
    @Test func choosesByWeight() {
        let weights = [5.0, 0, 1, 3, 1]
        let choice = WeightedChoice(weights)
        var random = SeededRandom(seed: 5)
        var counts = [0, 0, 0, 0, 0]
        for _ in 0..<100_000 { counts[choice.pick(&random)] += 1 }
        for (weight, count) in zip(weights, counts) {
            #expect(abs(Double(count) - weight * 10_000) <= 5 * (weight * 10_000).squareRoot(), "\(counts)")
        }
    }
}
