import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import People

@Suite struct SessionTests {
    let store: Store

    init() throws {
        let path = NSTemporaryDirectory() + "hq-people-\(UUID().uuidString).sqlite"
        store = try Store(path: path, migrations: People.migrations + People.sessionMigrations)
        try store.write { try People.declare([("ann", .admin), ("vic", .viewer)], after: [], in: $0) }
    }

    private func open(_ person: String, now: Int64) throws -> String {
        try store.write { transaction in
            let link = try People.newLink(for: person, role: .admin, now: now, in: transaction)
            return try #require(
                try People.openSession(link: link, address: "192.0.2.1", now: now, in: transaction))
        }
    }

    private func session(_ secret: String, now: Int64) throws -> Session? {
        try store.read { try People.session(secret: secret, now: now, in: $0) }
    }

    @Test func opensOneSessionForOneLink() throws {
        try store.write { transaction in
            let link = try People.newLink(for: "vic", role: .admin, now: 0, in: transaction)
            let first = try People.openSession(link: link, address: "", now: 1, in: transaction)
            let second = try People.openSession(link: link, address: "", now: 2, in: transaction)
            #expect(first != nil && second == nil)
            let late = try People.newLink(for: "vic", role: .admin, now: 0, in: transaction)
            let third = try People.openSession(
                link: late, address: "", now: SessionLimits.linkLife, in: transaction)
            #expect(third == nil)
        }
    }

    @Test func endsAfterItsLifeAndWhenIdle() throws {
        let secret = try open("vic", now: 0)
        #expect(try session(secret, now: SessionLimits.idle - 1)?.person == "vic")
        #expect(try session(secret, now: SessionLimits.idle) == nil)
        let found = try #require(try session(secret, now: 1000))
        try store.write { try People.touch(found, now: SessionLimits.life - 1, in: $0) }
        #expect(try session(secret, now: SessionLimits.life - 1) != nil)
        #expect(try session(secret, now: SessionLimits.life) == nil)
    }

    @Test func mayDoNoMoreThanAnEditorWithoutASecondFactor() throws {
        let secret = try open("ann", now: 0)
        let bare = try #require(try session(secret, now: 1))
        #expect(bare.role == .editor && bare.fullRole == .admin && !bare.awaitsCode)
        try store.write { transaction in
            try People.adopt("sealed", bare, in: transaction)
            try People.confirm(bare, step: 5, in: transaction)
        }
        #expect(try session(secret, now: 1)?.role == .admin)
        // The next session is asked for it before anything else.
        let next = try #require(try session(try open("ann", now: 2), now: 3))
        #expect(next.awaitsCode && next.role == .editor)
    }

    @Test func endsAfterTooManyWrongCodes() throws {
        let secret = try open("ann", now: 0)
        let found = try #require(try session(secret, now: 1))
        try store.write { transaction in
            for attempt in 1...SessionLimits.attempts {
                let isOver = try People.countWrongCode(found, now: 1, in: transaction)
                #expect(isOver == (attempt == SessionLimits.attempts))
            }
        }
        #expect(try session(secret, now: 1) == nil)
    }

    @Test func mayDoNoMoreThanWhoMadeItsLink() throws {
        let secret = try store.write { transaction in
            let link = try People.newLink(for: "ann", role: .viewer, now: 0, in: transaction)
            return try People.openSession(link: link, address: "", now: 0, in: transaction) ?? ""
        }
        let found = try #require(try session(secret, now: 1))
        #expect(found.role == .viewer && found.fullRole == .viewer)
    }

    @Test func keepsItsOfferOfASecondFactorToItself() throws {
        let first = try #require(try session(try open("ann", now: 0), now: 1))
        let second = try #require(try session(try open("ann", now: 0), now: 1))
        try store.write { transaction in
            try People.offerFactor("one", to: first, in: transaction)
            let other = try People.offer(to: second, in: transaction)
            #expect(other == nil)
            try People.adopt("one", first, in: transaction)
        }
        // Whoever held the other session is out.
        #expect(try store.read { try People.sessions(now: 1, in: $0) }.map(\.id) == [first.id])
    }

    @Test func looksAtNoCodesAfterTooManyWrongOnesInManySessions() throws {
        let own = try #require(try session(try open("ann", now: 0), now: 1))
        try store.write { try People.adopt("sealed", own, in: $0) }
        for _ in 0..<4 {
            let next = try #require(try session(try open("ann", now: 2), now: 3))
            try store.write { transaction in
                for _ in 0..<4 { _ = try People.countWrongCode(next, now: 4, in: transaction) }
            }
        }
        #expect(try store.read { try People.isLockedOut("ann", now: 5, in: $0) })
        let later = 5 + SessionLimits.wrongCodesPeriod
        #expect(try store.read { try People.isLockedOut("ann", now: later, in: $0) } == false)
    }

    @Test func endsWithItsPerson() throws {
        let secret = try open("vic", now: 0)
        try store.write {
            try People.apply(Edit(People.personKind, ["vic"], before: "viewer", after: nil), in: $0)
        }
        #expect(try session(secret, now: 1) == nil)
    }

    @Test func forgetsAddresses() throws {
        let secret = try open("vic", now: 1000)
        try store.write { try People.forgetAddresses(before: 1000, in: $0) }
        #expect(try session(secret, now: 1001)?.address == "192.0.2.1")
        try store.write { try People.forgetAddresses(before: 1001, in: $0) }
        #expect(try session(secret, now: 1001)?.address == "")
    }
}

@Suite struct OneTimePasswordTests {
    /// RFC 6238, appendix B: the key of 20 bytes "12345678901234567890", the last six of eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func followsTheRFC(time: Int64, code: String) {
        #expect(OneTimePassword.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step: time / 30) == code)
    }

    @Test func takesACodeOnceAndNearItsTime() {
        let secret = OneTimePassword.newSecret()
        let now: Int64 = 1_475_000_010_000
        let step = now / 30_000
        let code = OneTimePassword.code(secret, step: step)
        #expect(OneTimePassword.step(of: code, secret, now: now, after: 0) == step)
        #expect(OneTimePassword.step(of: code, secret, now: now, after: step) == nil)
        #expect(OneTimePassword.step(of: code, secret, now: now + 30_000, after: 0) == step)
        #expect(OneTimePassword.step(of: code, secret, now: now + 90_000, after: 0) == nil)
    }
}
