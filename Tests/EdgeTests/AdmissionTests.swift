import Kernel
import Testing

@testable import Edge

@Suite struct AdmissionTests {
    private let second: Int64 = 1_000_000_000

    private func admission(_ change: (inout AdmissionLimits) -> Void) -> Admission {
        var limits = AdmissionLimits()
        change(&limits)
        return Admission(limits)
    }

    private func address(_ text: String) -> IPAddress { IPAddress(text) ?? .unspecified }

    private func refusal(_ result: Result<AdmissionTicket, AdmissionRefused>) -> Admission.Refusal? {
        if case .failure(let refused) = result { refused.why } else { nil }
    }

    @Test func aPlaceIsGivenBackWhenItsTicketGoes() {
        let admission = admission { $0.connections = 2 }
        var held = (0..<2).compactMap { _ in try? admission.admit(address("192.0.2.1"), now: 0).get() }
        #expect(held.count == 2)
        #expect(refusal(admission.admit(address("192.0.2.2"), now: 0)) == .full)
        held.removeLast()
        #expect(refusal(admission.admit(address("192.0.2.2"), now: 0)) == nil)
        held = []
        #expect(admission.openConnections == 0)
    }

    @Test func aClientTakesNothingFromAnother() {
        let admission = admission { $0.connectionsPerClient = 3 }
        let held = (0..<3).compactMap { _ in try? admission.admit(address("192.0.2.1"), now: 0).get() }
        #expect(held.count == 3)
        #expect(refusal(admission.admit(address("192.0.2.1"), now: 0)) == .client)
        #expect(refusal(admission.admit(address("192.0.2.2"), now: 0)) == nil)
        #expect(admission.openConnections == 3, "who was refused holds no place")
    }

    @Test func aNetworkIsWhatIsRoutedAsOne() {
        let admission = admission { $0.connectionsPerNetwork = 2 }
        var held: [AdmissionTicket] = []
        for text in ["192.0.2.1", "192.0.2.250", "2001:db8:1:2::1", "2001:db8:1:ffff::9"] {
            if let ticket = try? admission.admit(address(text), now: 0).get() { held.append(ticket) }
        }
        #expect(held.count == 4)
        #expect(refusal(admission.admit(address("192.0.2.99"), now: 0)) == .network)
        #expect(refusal(admission.admit(address("192.0.3.1"), now: 0)) == nil)
        #expect(refusal(admission.admit(address("2001:db8:1::"), now: 0)) == .network)
        #expect(refusal(admission.admit(address("2001:db8:2::"), now: 0)) == nil)
    }

    @Test func oneClientOfIPv6IsItsSubnet() {
        let admission = admission { $0.connectionsPerClient = 1 }
        let held = try? admission.admit(address("2001:db8::1"), now: 0).get()
        #expect(held != nil)
        #expect(refusal(admission.admit(address("2001:db8::ffff:1"), now: 0)) == .client)
        #expect(refusal(admission.admit(address("2001:db8:0:1::1"), now: 0)) == nil)
    }

    @Test func requestsComeInBurstsAndThenAtTheRate() throws {
        let admission = admission { $0.requestsPerClient = 100 }
        let ticket = try admission.admit(address("192.0.2.1"), now: 0).get()
        #expect(ticket.countsRequests)
        var now: Int64 = 0
        let burst = (0..<1000).count { _ in ticket.mayAsk(now: now) }
        #expect(burst == 200, "two seconds' worth at once")
        // From then on one each hundredth of a second, however often it asks.
        var passed = 0
        for _ in 0..<10_000 {
            now += second / 1000
            if ticket.mayAsk(now: now) { passed += 1 }
        }
        #expect(passed == 1000)
        now += 60 * second
        #expect((0..<1000).count { _ in ticket.mayAsk(now: now) } == 200)
    }

    @Test func aNewConnectionPaysNoOldDebt() throws {
        let admission = admission { $0.requestsPerNetwork = 10 }
        do {
            let ticket = try admission.admit(address("192.0.2.1"), now: 0).get()
            while ticket.mayAsk(now: 0) {}
        }
        #expect(refusal(admission.admit(address("192.0.2.77"), now: 0)) == .debt)
        #expect(refusal(admission.admit(address("192.0.2.77"), now: second)) == nil)
    }

    @Test func theExemptAndUnixSocketsHaveNoLimitOfTheirOwn() throws {
        let admission = admission {
            $0.connectionsPerClient = 1
            $0.requestsPerClient = 1
            $0.exempt = [AddressRange("192.0.2.0/28")].compactMap { $0 }
        }
        var held: [AdmissionTicket] = []
        for address in [address("192.0.2.1"), address("192.0.2.1"), .unspecified, .unspecified] {
            held.append(try admission.admit(address, now: 0).get())
        }
        #expect(held.allSatisfy { !$0.countsRequests && $0.mayAsk(now: 0) })
    }

    @Test func withoutLimitsNothingIsCountedByAddress() throws {
        let ticket = try admission { _ in }.admit(address("192.0.2.1"), now: 0).get()
        #expect(!ticket.countsRequests && ticket.client == nil)
    }

    @Test func prefixesKeepTheirLeadingBits() {
        #expect(address("192.0.2.129").prefix(24) == address("192.0.2.0"))
        #expect(address("192.0.2.129").prefix(32) == address("192.0.2.129"))
        #expect(address("2001:db8:1:2:3::4").prefix(48) == address("2001:db8:1::"))
        #expect(address("2001:db8:1:2:3::4").prefix(64) == address("2001:db8:1:2::"))
        #expect(address("2001:db8:1:2:3::4").prefix(128) == address("2001:db8:1:2:3::4"))
    }
}

@Suite struct LoadSheddingTests {
    @Test func aPunctualLoopShedsNothing() {
        var shedding = LoadShedding()
        let begun = (0..<(LoadShedding.most + 5)).count { _ in shedding.begin() }
        #expect(begun == LoadShedding.most)
        shedding.tick(late: 0)
        #expect(shedding.limit == LoadShedding.most)
    }

    @Test func aLateLoopShedsAndRecovers() {
        var shedding = LoadShedding()
        for _ in 0..<1000 { _ = shedding.begin() }
        shedding.tick(late: LoadShedding.lateNanoseconds + 1)
        #expect(shedding.limit == 750)
        let refused = shedding.begin()
        #expect(!refused)
        for _ in 0..<50 { shedding.tick(late: LoadShedding.lateNanoseconds + 1) }
        #expect(shedding.limit == LoadShedding.least)
        for _ in 0..<1000 { shedding.end() }
        for _ in 0..<5 { shedding.tick(late: 0) }
        #expect(shedding.limit > LoadShedding.least && shedding.limit < 200)
        for _ in 0..<500 { shedding.tick(late: 0) }
        #expect(shedding.limit == LoadShedding.most)
    }
}
